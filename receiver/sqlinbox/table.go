package sqlinbox

import (
	"fmt"
	"regexp"
	"strings"
)

// tableName is the name of the table of events, with a schema before a dot or without one.
type tableName string

var tableNames = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,39}\.)?[A-Za-z_][A-Za-z0-9_]{0,39}$`)

// check refuses what is no plain name. Of a database that is attached to SQLite, indexes are named in another way.
func (n tableName) check(f Flavor) error {
	if !tableNames.MatchString(string(n)) || f == SQLite && strings.Contains(string(n), ".") {
		return fmt.Errorf("table %q: up to 40 letters, digits and '_', perhaps with a schema of as many before a dot",
			string(n))
	}
	return nil
}

func (n tableName) events() string { return string(n) }
func (n tableName) meta() string   { return string(n) + "_meta" }

// bare is the name without the schema, for indexes, which lie where their table does.
func (n tableName) bare() string { return string(n[strings.IndexByte(string(n), '.')+1:]) }
