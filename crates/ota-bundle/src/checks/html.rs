//! As much of HTML as the checks need: the attributes of tags, and addresses anywhere.

/// One attribute of a start tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    /// Lower case.
    pub(super) tag: String,
    /// Lower case.
    pub(super) name: String,
    /// As written; character references are left alone.
    pub(super) value: &'a str,
    /// Line of the tag, counted from 1.
    pub(super) line: u64,
}

/// All attributes with a value, in order. Comments are skipped; scripts are not parsed as such, which finds a few tags
/// too many inside of strings.
pub(super) fn attributes(page: &str) -> impl Iterator<Item = Attribute<'_>> {
    let mut rest = page;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find('<')?;
            rest = rest.get(start + 1..)?;
            if let Some(comment) = rest.strip_prefix("!--") {
                let end = comment.find("-->")?;
                rest = comment.get(end..)?;
                continue;
            }
            if rest.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
                let line = line_at(page, page.len() - rest.len());
                let (tag, inner) = take_while(rest, |c| !c.is_whitespace() && c != '>' && c != '/');
                let (found, after) = tag_attributes(&tag.to_ascii_lowercase(), inner, line);
                rest = after;
                return Some(found);
            }
        }
    })
    .flatten()
}

fn tag_attributes<'a>(tag: &str, mut rest: &'a str, line: u64) -> (Vec<Attribute<'a>>, &'a str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with(['>', '<']) {
            return (found, rest);
        }
        let (name, after) = take_while(rest, |c| {
            !c.is_whitespace() && !matches!(c, '=' | '>' | '/')
        });
        let Some(after) = after.trim_start().strip_prefix('=') else {
            // Without a value; a stray character must not stop the loop.
            rest = if name.is_empty() {
                skip_one(rest)
            } else {
                after
            };
            continue;
        };
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => {
                let (value, after) = take_while(skip_one(after), |c| c != quote);
                (value, skip_one(after))
            }
            None => take_while(after, |c| !c.is_whitespace() && c != '>'),
        };
        found.push(Attribute {
            tag: tag.to_owned(),
            name: name.to_ascii_lowercase(),
            value,
            line,
        });
        rest = after;
    }
}

fn take_while(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !wanted(c)).unwrap_or(text.len());
    text.split_at(end)
}

fn skip_one(text: &str) -> &str {
    let mut characters = text.chars();
    characters.next();
    characters.as_str()
}

fn line_at(page: &str, at: usize) -> u64 {
    page.bytes().take(at).filter(|byte| *byte == b'\n').count() as u64 + 1
}

/// Web addresses of the machine itself, with their lines. `http://ipc.localhost` and the like are Tauri's own.
pub(super) fn local_addresses(page: &str) -> Vec<(String, u64)> {
    const SCHEMES: [&str; 4] = ["http://", "https://", "ws://", "wss://"];
    const HOSTS: [&str; 4] = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];
    let lower = page.to_ascii_lowercase();
    let mut found = Vec::new();
    for (slashes, _) in lower.match_indices("://") {
        let after = slashes + 3;
        let before = lower.get(..after).unwrap_or_default();
        let Some(scheme) = SCHEMES
            .iter()
            .rev()
            .find(|scheme| before.ends_with(**scheme))
        else {
            continue;
        };
        let rest = lower.get(after..).unwrap_or_default();
        let (address, _) = take_while(rest, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '[' | ']' | '-')
        });
        let ends_host = |rest: &str| rest.is_empty() || rest.starts_with(':');
        if HOSTS
            .iter()
            .any(|host| address.strip_prefix(host).is_some_and(ends_host))
        {
            let start = after - scheme.len();
            found.push((format!("{scheme}{address}"), line_at(page, start)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_in_any_spelling() {
        let page = "<!doctype html>\n<!-- <a href=x> -->\n<LINK rel=icon HREF = '/i.png'/><script\n async src=\"/a b.js\">\n<p hidden><img src=x>";
        let found: Vec<_> = attributes(page)
            .map(|found| {
                format!(
                    "{} {} {} {}",
                    found.line, found.tag, found.name, found.value
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "3 link rel icon",
                "3 link href /i.png",
                "3 script src /a b.js",
                "5 img src x"
            ]
        );
    }

    #[test]
    fn broken_pages_end() {
        for page in [
            "<",
            "<a",
            "<a =",
            "<a b='",
            "<!-- ",
            "<a / = / =>",
            "<<<<a b=c",
            "<ä ö=ü>",
        ] {
            assert!(attributes(page).count() < 5, "{page}");
        }
    }

    #[test]
    fn only_the_own_machine_counts() {
        let found = |page: &str| {
            local_addresses(page)
                .into_iter()
                .map(|(address, _)| address)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("<script src=http://localhost:5173/@vite/client>"),
            ["http://localhost:5173"]
        );
        assert_eq!(
            found("connect('wss://127.0.0.1:24678')"),
            ["wss://127.0.0.1:24678"]
        );
        assert_eq!(found("'HTTP://[::1]/'"), ["http://[::1]"]);
        for fine in [
            "ipc: http://ipc.localhost",
            "https://localhost.example.com",
            "asset://localhost",
            "localhost",
        ] {
            assert!(found(fine).is_empty(), "{fine}");
        }
    }
}
