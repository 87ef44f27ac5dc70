package main

import (
	"context"
	"log"
	"os"

	"example.com/stranger/publish"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

func main() {
	ctx := context.Background()
	store, err := sqlitestore.Open(ctx, os.Getenv("STRANGER_DIR")+"/hooks.db", sqlitestore.Config{})
	if err != nil {
		log.Fatal(err)
	}
	publish.Through(ctx, store)
	if err := store.Close(); err != nil {
		log.Fatal(err)
	}
}
