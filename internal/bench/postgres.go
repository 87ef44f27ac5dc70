package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// postgres is a private server with the settings that Postgres has by itself: what is committed is on disk.
type postgres struct {
	dsn string
	pid int
}

// postgres returns the server of this run, started at the first call.
func (b *bench) postgres() (*postgres, error) {
	if b.pg != nil {
		return b.pg, nil
	}
	server, err := pgtest.Open()
	if err != nil {
		return nil, err
	}
	b.later(server.Close)
	pid, err := server.PID()
	if err != nil {
		return nil, err
	}
	b.pg = &postgres{dsn: server.DSN(), pid: pid}
	return b.pg, nil
}

// cpu is what the server has used so far.
func (p *postgres) cpu() time.Duration { return cpuOf(p.pid) }

// pool connects to the server, as a host would.
func (p *postgres) pool(ctx context.Context) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(p.dsn)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 20
	return pgxpool.NewWithConfig(ctx, cfg)
}

// store returns an empty store, in a schema that is dropped before.
func (p *postgres) store(ctx context.Context, pool *pgxpool.Pool, schema string) (*pgstore.Store, error) {
	if _, err := pool.Exec(ctx, fmt.Sprintf("drop schema if exists %s cascade", schema)); err != nil {
		return nil, err
	}
	store, err := pgstore.New(pool, pgstore.Config{Schema: schema})
	if err != nil {
		return nil, err
	}
	return store, store.Migrate(ctx)
}
