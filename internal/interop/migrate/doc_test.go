// Package migrate_test gives the schema of the Postgres store to the tools that hosts migrate with.
package migrate_test
