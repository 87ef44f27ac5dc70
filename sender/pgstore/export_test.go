package pgstore

// Forget empties what the store keeps in memory, as another process would have it.
func (s *Store) Forget() { s.records, s.events = newRecords(), newEvents() }

// SchemaOf is what a program of an older version made.
func SchemaOf(cfg Config, version int) string {
	all := migrations
	defer func() { migrations = all }()
	migrations = migrations[:version]
	s := newStatements(cfg)
	return s.in("create schema {schema};\n") + s.script(cfg.Schema, 0)
}
