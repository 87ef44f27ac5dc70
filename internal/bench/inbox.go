package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/mysqltest"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// inboxDatabase is a server, or a file, that keeps inboxes.
type inboxDatabase struct {
	flavor sqlinbox.Flavor
	cpu    func() time.Duration // of its server; nil if it has none
	// open makes an empty database, and what closes it.
	open func(ctx context.Context) (*sql.DB, func(), error)
}

func inboxSQLite() inboxDatabase {
	return inboxDatabase{flavor: sqlinbox.SQLite, open: func(context.Context) (*sql.DB, func(), error) {
		dir, err := os.MkdirTemp("", "bench-")
		if err != nil {
			return nil, nil, err
		}
		const settings = "?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "inbox.db")+settings)
		if err != nil {
			os.RemoveAll(dir)
			return nil, nil, err
		}
		return pooled(db), func() { db.Close(); os.RemoveAll(dir) }, nil
	}}
}

func (p *postgres) inbox() inboxDatabase {
	return inboxDatabase{flavor: sqlinbox.Postgres, cpu: p.cpu, open: func(ctx context.Context) (*sql.DB, func(), error) {
		cfg, err := pgx.ParseConfig(p.dsn)
		if err != nil {
			return nil, nil, err
		}
		cfg.RuntimeParams["search_path"] = "inbox"
		db := pooled(stdlib.OpenDB(*cfg))
		if _, err := db.ExecContext(ctx, "drop schema if exists inbox cascade; create schema inbox"); err != nil {
			db.Close()
			return nil, nil, err
		}
		return db, func() { db.Close() }, nil
	}}
}

// inboxMySQL is on a private server with the settings that it has by itself: what is committed is on disk.
func (b *bench) inboxMySQL() (inboxDatabase, error) {
	if b.mysql == nil {
		server, err := mysqltest.Open()
		if err != nil {
			return inboxDatabase{}, err
		}
		b.later(server.Close)
		b.mysql = server
	}
	server := b.mysql
	cpu := func() time.Duration { return cpuOf(server.PID()) }
	return inboxDatabase{flavor: sqlinbox.MySQL, cpu: cpu, open: func(ctx context.Context) (*sql.DB, func(), error) {
		admin, err := sql.Open("mysql", server.DSN())
		if err != nil {
			return nil, nil, err
		}
		defer admin.Close()
		for _, statement := range []string{"drop database if exists inbox", "create database inbox"} {
			if _, err := admin.ExecContext(ctx, statement); err != nil {
				return nil, nil, err
			}
		}
		db, err := sql.Open("mysql", server.DSN()+"inbox")
		if err != nil {
			return nil, nil, err
		}
		return pooled(db), func() { db.Close() }, nil
	}}, nil
}

// inboxDatabases are all three.
func (b *bench) inboxDatabases() ([]inboxDatabase, error) {
	pg, err := b.postgres()
	if err != nil {
		return nil, err
	}
	my, err := b.inboxMySQL()
	if err != nil {
		return nil, err
	}
	return []inboxDatabase{inboxSQLite(), pg.inbox(), my}, nil
}

func pooled(db *sql.DB) *sql.DB {
	db.SetMaxOpenConns(inboxWorkers + 4)
	db.SetMaxIdleConns(inboxWorkers + 4)
	return db
}

const (
	inboxCallers = 16
	inboxWorkers = 20
)

// inbox makes an empty one in db.
func (d inboxDatabase) inbox(
	ctx context.Context, db *sql.DB, next receiver.EventHandler, cfg sqlinbox.Config,
) (*sqlinbox.Inbox, error) {
	cfg.Logger, cfg.Workers = slog.New(slog.DiscardHandler), inboxWorkers
	b, err := sqlinbox.New(db, d.flavor, next, cfg)
	if err != nil {
		return nil, err
	}
	return b, b.Migrate(ctx)
}

var (
	// inboxBody is about as long as a message of Meta's.
	inboxBody = []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":"` +
		strings.Repeat("x", 600) + `"}]}]}`)
	inboxEvents atomic.Int64
)

// received is a new event of a lane.
func received(lane string) *receiver.Event {
	id := fmt.Sprintf("%s.%d", lane, inboxEvents.Add(1))
	return &receiver.Event{
		Event:   envelope.Event{ID: id, Source: envelope.Meta, Type: "message.received", CreatedAt: time.Now(), Body: inboxBody},
		Key:     "bench:" + id,
		Dialect: "kirim", DeliveryID: "wbd_01JQZ5W8V3N6R2X4Y7T9K1M0PC", Attempt: 1, ReceivedAt: time.Now(),
	}
}

// laneOf is the lane that received was asked for.
func laneOf(ev *receiver.Event) string {
	lane, _, _ := strings.Cut(ev.ID, ".")
	return lane
}

// running runs an inbox until stop.
func running(ctx context.Context, b *sqlinbox.Inbox) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}
