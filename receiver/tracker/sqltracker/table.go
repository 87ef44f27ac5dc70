package sqltracker

import (
	"fmt"
	"regexp"
	"strings"
)

const defaultTable = "kirimhooks_messages"

var tableNames = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,39}\.)?[A-Za-z_][A-Za-z0-9_]{0,39}$`)

// checkTable refuses what is no plain name. Of a database that is attached to SQLite, indexes are named in another way.
func checkTable(f Flavor, name string) error {
	if !tableNames.MatchString(name) || f == SQLite && strings.Contains(name, ".") {
		return fmt.Errorf("table %q is not up to 40 letters, digits and '_', perhaps after a schema", name)
	}
	return nil
}
