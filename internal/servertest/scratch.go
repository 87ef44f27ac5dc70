package servertest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strings"
	"testing"
)

// Scratch makes something on a server, such as a database, under a name of its own, and removes it when t ends. In
// create and drop, {name} stands for the name. driver is one that the test has registered with package database/sql.
func Scratch(t testing.TB, driver, dsn, create, drop string) (name string) {
	t.Helper()
	name = "kh_" + strings.ToLower(rand.Text()[:16])
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	if _, err := db.ExecContext(t.Context(), strings.ReplaceAll(create, "{name}", name)); err != nil {
		t.Fatalf("servertest: %v", err)
	}
	t.Cleanup(func() {
		defer db.Close()
		for range 5 { // statements that were cancelled may still run, and deadlock with it
			if _, err = db.ExecContext(context.Background(), strings.ReplaceAll(drop, "{name}", name)); err == nil {
				return
			}
		}
		t.Errorf("servertest: %v", err)
	})
	return name
}
