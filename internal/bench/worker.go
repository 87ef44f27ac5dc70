package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

const workerCommand = "worker"

// serveWorker is a process that delivers from the store of the scale case until its standard input ends.
func serveWorker(dsn string) {
	if err := deliver(dsn); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

func deliver(dsn string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	orphaned(stop)
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	store, err := pgstore.New(pool, pgstore.Config{Schema: scaleSchema})
	if err != nil {
		return err
	}
	s, err := sender.New(store, sender.Config{
		Workers: scaleWorkers, PerSubscription: scaleWorkers, ShutdownTimeout: time.Second,
		Logger: slog.New(slog.DiscardHandler), AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		return err
	}
	fmt.Println("working")
	return s.Run(ctx)
}
