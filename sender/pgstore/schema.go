package pgstore

import (
	"embed"
	"fmt"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

//go:embed sql/*.sql sql/v1/*.sql sql/v2/*.sql
var files embed.FS

// migrations are the files of each version. What was released is never edited. A later version that changes a file of
// this list keeps the old one in the folder of its version.
var migrations = [][]string{
	{"v1/tables", "v1/enqueue", "v1/known", "v1/claim", "v1/settle", "v1/directory", "v1/replay", "v1/purge"},
	{"v2/tables", "comments", "view", "enqueue", "event", "claim", "settle", "minute", "subscription", "change",
		"replay", "purge", "erase"},
}

// SchemaVersion is the version of the schema that this program needs. It goes on with a newer one.
const SchemaVersion = 2

// Schema returns the SQL that makes a fresh schema of [SchemaVersion], for hosts that migrate by tools of their own. It
// is what [Store.Migrate] would run, to be applied once. [SchemaFrom] says more.
func Schema(cfg Config) (string, error) { return SchemaFrom(cfg, 0, SchemaVersion) }

// SchemaFrom returns the SQL that leads from one version of the schema to a later one; 0 is a database without it. The
// text for two versions never changes: a host adds one file to its migrations when SchemaVersion rises. A database
// made from all of them is like one that was led on.
//
// It has no transaction control: let the tool run a file in one transaction, as most do. A statement ends with a
// semicolon at the end of a line. Functions, which have some within, stand between the marks of goose, which are
// comments elsewhere. The text is a whole file of goose or psql; to other tools its marks are comments. There is no way
// down.
func SchemaFrom(cfg Config, from, to int) (string, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return "", fmt.Errorf("pgstore: config: %w", err)
	}
	if from < 0 || to > SchemaVersion || from >= to {
		return "", fmt.Errorf("pgstore: no way leads from version %d of the schema to %d: "+
			"both are within 0 to %d, the later last",
			from, to, SchemaVersion)
	}
	s := newStatements(cfg)
	text := "-- +goose Up\n"
	if from == 0 {
		text += s.in("create schema if not exists {schema};\n")
	}
	return text + marked(s.script(cfg.Schema, from, to)), nil
}

// script leads from a version to another.
func (s *statements) script(channel string, from, to int) string {
	var b strings.Builder
	for _, names := range migrations[from:to] {
		for _, name := range names {
			b.WriteString(s.render(name, channel))
			b.WriteByte('\n')
		}
	}
	b.WriteString(s.in(fmt.Sprintf("update {schema}.meta set version = %d;\n", to)))
	return b.String()
}

// marked puts the marks around each statement that has a body in dollar quotes.
func marked(script string) string {
	var b, statement strings.Builder
	for line := range strings.Lines(script) {
		statement.WriteString(line)
		text := statement.String()
		code, _, _ := strings.Cut(line, "--")
		if strings.Count(text, "$$")%2 == 1 || !strings.HasSuffix(strings.TrimSpace(code), ";") {
			continue
		}
		if strings.Contains(text, "$$") {
			text = "-- +goose StatementBegin\n" + text + "-- +goose StatementEnd\n"
		}
		b.WriteString(text)
		statement.Reset()
	}
	return b.String()
}

// Settings of the functions. indexed: tables are read by index alone, by the plan for any arguments. looped: and joined
// by look-ups alone.
const (
	indexed = "set plan_cache_mode = force_generic_plan set enable_seqscan = off " +
		"set enable_bitmapscan = off set jit = off"
	looped = "set enable_hashjoin = off set enable_mergejoin = off"
)

// render fills in what a file of the schema leaves open.
func (s *statements) render(name, channel string) string {
	text, err := files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // embedded
	}
	var counted, summed []string // of version 1
	for i := range len(driver.Minute{}.Durations) {
		counted = append(counted, fmt.Sprintf("count(*) filter (where x.what in (%d, %d))", i, -1-i))
		summed = append(summed, fmt.Sprintf("m.durations[%d] + excluded.durations[%[1]d]", i+1))
	}
	return strings.NewReplacer("{schema}", s.schema, "{channel}", channel, "{indexed}", indexed, "{looped}", looped,
		"{idle}", asleep, "{asleep}", asleep, "{cancelled}", "'"+driver.ReasonCancelled+"'",
		"{unsubscribed}", "'"+driver.ReasonUnsubscribed+"'", "{trimmed}", "'"+driver.ReasonTrimmed+"'",
		"{counted}", strings.Join(counted, ", "), "{summed}", strings.Join(summed, ", ")).Replace(string(text))
}
