use super::*;

/// Written in two halves, so that no scanner takes these samples for real.
fn samples() -> Vec<String> {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let mixed =
        "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2bC3dE4fG5hJ6kL7mN8pQ9rS0tU1vW2xY3zA4bC5dE6fG7hJ8kL9mN";
    let mixed = mixed.repeat(2);
    let part = |length: usize| &mixed[..length];
    [
        ("-----BEGIN ", format!("PRIVATE KEY-----\n{body}\n")),
        ("-----BEGIN ", format!("RSA PRIVATE KEY-----\\n{body}\\n")),
        ("-----BEGIN ", format!("OPENSSH PRIVATE KEY-----\r\n{body}")),
        (
            "-----BEGIN ",
            "PGP PRIVATE KEY BLOCK-----\n\nVersion: 1".to_owned(),
        ),
        ("PuTTY-User", "-Key-File-2: ssh-rsa".to_owned()),
        ("RWRTY", format!("0Iy{mixed}{}", part(30))),
        (
            "dW50cnVzdGVkIGNvbW1lbnQ6IHJzaWduIGVuY3J5cHRlZCBz",
            format!("ZWNyZXQga2V5{mixed}{}", part(9)),
        ),
        (
            "AGE-SECRET",
            format!("-KEY-1{}", part(58).to_ascii_uppercase()),
        ),
        ("swt", format!("_{}", part(43))),
        ("AK", "IA3D5F7H9K2M4N6P8Q".to_owned()),
        ("gh", format!("p_{}", part(36))),
        ("github", format!("_pat_{}", part(82))),
        ("glp", format!("at-{}", part(20))),
        ("xo", format!("xb-123456789012-{}", part(24))),
        (
            "hooks.slack.com",
            format!("/services/T0A1B2C3D/B4E5F6G7H/{}", part(24)),
        ),
        ("sk_li", format!("ve_{}", part(24))),
        ("np", format!("m_{}", part(36))),
        ("//registry.npmjs.org/:_auth", format!("Token={}", part(36))),
        ("pypi-AgEIcH", format!("lwaS5vcmc{}", part(60))),
        ("sk-ant-", format!("api03-{}", part(90))),
        ("sk-pr", format!("oj-{}", part(70))),
        ("S", format!("G.{}.{}", part(22), part(43))),
        (
            "dop",
            "_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned(),
        ),
        ("shp", "at_0123456789abcdef0123456789abcdef".to_owned()),
        ("AI", format!("za{}", part(35))),
    ]
    .map(|(start, end)| format!("{start}{end}"))
    .to_vec()
}

fn hits(content: &str) -> Vec<SecretHit> {
    let mut scanner = SecretScanner::new("app.js");
    scanner.search(content.as_bytes(), 0, content.len());
    scanner.finish()
}

#[test]
fn every_shape_is_found_where_it_stands() {
    let mut kinds: Vec<_> = Vec::new();
    for secret in samples() {
        let found = hits(&format!("const a = 1;\nlet key = \"{secret}\";\n"));
        assert_eq!(found.len(), 1, "{secret}: {found:?}");
        let hit = found.first().unwrap();
        assert_eq!(hit.line, 2, "{secret}");
        kinds.push(hit.what);
    }
    for shape in &SHAPES {
        assert!(kinds.contains(&shape.what), "no sample of {}", shape.what);
    }
}

#[test]
fn what_only_looks_like_a_secret_passes() {
    for harmless in [
        // Libraries and placeholders of forms.
        "if (pem.includes(\"-----BEGIN PRIVATE KEY-----\")) {}",
        "placeholder=\"-----BEGIN RSA PRIVATE KEY-----\\n...\\n-----END RSA PRIVATE KEY-----\"",
        "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
        "-----BEGIN PUBLIC KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
        "AKIAIOSFODNN7EXAMPLE",
        "AKIA_NOT_A_KEY",
        "fooAKIA3D5F7H9K2M4N6P8Q",
        "AKIA3D5F7H9K2M4N6P8QLONGER",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "npm_config_registry npm_package_json_very_long_name_that_goes_on_and_on",
        "hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "sk_live_YOURKEYYOURKEYYOURKEYYOURKEY",
        "sk_test_aB3dE5fG7hJ9kL1mN2pQ4rS6",
        "SG.init(a.b).then(c)",
        "untrusted comment: minisign public key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
    ] {
        assert_eq!(hits(harmless), [], "{harmless}");
    }
}

#[test]
fn a_secret_across_two_windows_is_found_once() {
    let secret = samples().remove(0);
    let content = format!("{}\n{secret}\n{}", "x".repeat(100), "y".repeat(100));
    let bytes = content.as_bytes();
    for cut in 1..bytes.len() {
        let mut scanner = SecretScanner::new("app.js");
        scanner.search(bytes, 0, cut);
        // The second window begins one byte before the cut, as the reader arranges it.
        scanner.search(&bytes[cut - 1..], 1, bytes.len() - cut + 1);
        let found = scanner.finish();
        assert_eq!(found.len(), 1, "cut at {cut}");
        assert_eq!(found.first().unwrap().line, 2, "cut at {cut}");
    }
}

#[test]
fn files_for_secrets_are_known_by_name() {
    for secret in [
        ".env",
        ".env.local",
        "config/.env.production",
        "app.P12",
        "id_rsa",
        ".npmrc",
    ] {
        assert!(secret_file(secret).is_some(), "{secret}");
    }
    for harmless in [
        ".env.example",
        "env",
        ".envrc.js",
        "environment.js",
        "id_rsa.js",
        "p12",
    ] {
        assert_eq!(secret_file(harmless), None, "{harmless}");
    }
}

#[test]
fn the_tables_agree() {
    assert_eq!(SECRET_PATTERNS, 25);
    for shape in &SHAPES {
        if let Rest::Token(_, length) = &shape.rest {
            assert!(
                length.start() <= length.end() && *length.end() < LOOKAHEAD,
                "{}",
                shape.what
            );
        }
    }
}
