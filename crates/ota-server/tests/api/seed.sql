-- Ten thousand releases of the app "acme", each published to beta in its turn, the last one live there.
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO releases (id, app_id, version, kind, state, notes, min_binary_version, max_binary_version, files, unpacked_bytes, created_at, created_by)
SELECT printf('00SEED%020d', i), apps.id, '1.' || i || '.0', 'web', 'ready', printf('%.*c', 2000, 'n'), '1.0.0', NULL, 500, 33000000, 1763715600000 + i, 'seed'
FROM n, apps WHERE apps.slug = 'acme';

INSERT INTO artifacts (release_id, kind, app_id, sha256, size_bytes, signature, key_id)
SELECT id, 'tar_gz', app_id, lower(hex(randomblob(32))), 9000000, printf('%.*c', 330, 's'), '0123456789ABCDEF'
FROM releases WHERE created_by = 'seed';

INSERT INTO sequences (app_id, sequence, release_id)
SELECT app_id, created_at - 1763715600000, id FROM releases WHERE created_by = 'seed';

INSERT INTO deployments (app_id, channel_id, sequence, release_id, kind, at, "by", reason, "until")
SELECT releases.app_id, channels.id, created_at - 1763715600000, releases.id, 'publish', created_at, 'seed', NULL,
       CASE WHEN created_at - 1763715600000 < 10000 THEN created_at + 1 END
FROM releases JOIN channels ON channels.app_id = releases.app_id AND channels.name = 'beta'
WHERE created_by = 'seed' ORDER BY created_at;

UPDATE channels SET highest = 10000, revision = 10001 WHERE name = 'beta' AND app_id = (SELECT id FROM apps WHERE slug = 'acme');
UPDATE apps SET last_sequence = 10000 WHERE slug = 'acme';
