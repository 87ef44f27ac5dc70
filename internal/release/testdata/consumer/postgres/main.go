package main

import (
	"context"
	"log"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/stranger/publish"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

func main() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("KIRIMHOOKS_POSTGRES"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	const schema = "kirimhooks_stranger"
	defer pool.Exec(ctx, "drop schema if exists "+schema+" cascade")
	store, err := pgstore.New(pool, pgstore.Config{Schema: schema})
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	publish.Through(ctx, store)
}
