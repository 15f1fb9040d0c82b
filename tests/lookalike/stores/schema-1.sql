-- A database as the first version of the stores made it, with a changed sandbox of the Lead API.
CREATE TABLE lookalike_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE lookalike_sandboxes (name TEXT PRIMARY KEY, is_changed INTEGER NOT NULL, settings TEXT NOT NULL);
CREATE TABLE lookalike_items (sandbox TEXT NOT NULL, resource TEXT NOT NULL, id TEXT NOT NULL,
 key TEXT NOT NULL, position BIGINT NOT NULL, parent TEXT NOT NULL, place BIGINT NOT NULL, item TEXT NOT NULL,
 PRIMARY KEY (sandbox, resource, id));
CREATE INDEX lookalike_items_by_position ON lookalike_items (sandbox, resource, position);
CREATE INDEX lookalike_items_by_place ON lookalike_items (sandbox, resource, place);
CREATE INDEX lookalike_items_by_parent ON lookalike_items (sandbox, resource, parent, place);
CREATE TABLE lookalike_aliases (sandbox TEXT NOT NULL, resource TEXT NOT NULL, alias TEXT NOT NULL,
 id TEXT NOT NULL, PRIMARY KEY (sandbox, resource, alias));
CREATE INDEX lookalike_aliases_by_id ON lookalike_aliases (sandbox, resource, id);
CREATE TABLE lookalike_numbers (sandbox TEXT NOT NULL, resource TEXT NOT NULL, number TEXT NOT NULL,
 PRIMARY KEY (sandbox, resource));
INSERT INTO lookalike_meta (name, value) VALUES ('schema', '1');
INSERT INTO lookalike_sandboxes (name, is_changed, settings) VALUES ('default', 1, '');
INSERT INTO lookalike_items (sandbox, resource, id, key, position, parent, place, item) VALUES
 ('default', 'lead', '1', '1', 1, '', 1, '{"n": 41}');
INSERT INTO lookalike_aliases (sandbox, resource, alias, id) VALUES ('default', 'lead', '"one"', '1');
INSERT INTO lookalike_numbers (sandbox, resource, number) VALUES ('default', 'lead', '7');
