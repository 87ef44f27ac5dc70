package pgstore_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// A process that delivers. Any number of them may run.
func ExampleNew() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://localhost/app")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	store, err := pgstore.New(pool, pgstore.Config{})
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	s, err := sender.New(store, sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	if err := s.Run(ctx); err != nil {
		log.Fatal(err)
	}
}

// Hosts with migrations of their own put the schema among them.
func ExampleSchema() {
	script, err := pgstore.Schema(pgstore.Config{Schema: "webhooks"})
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "create schema") {
			fmt.Print(line)
		}
	}
	// Output: create schema if not exists "webhooks";
}

// When a release raises SchemaVersion, here from 1 to 2, such hosts add one file that leads from the one to the other.
func ExampleSchemaFrom() {
	script, err := pgstore.SchemaFrom(pgstore.Config{Schema: "webhooks"}, 1, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(strings.SplitAfter(script, "\n")[0])
	// Output: -- +goose Up
}
