package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// server is a Postgres with a database for each service.
type server struct {
	url   *url.URL
	name  string // of the databases, before that of the service
	crash bool
}

// newServer makes the databases.
func newServer(ctx context.Context, at string, crash bool) (*server, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, errors.New("-postgres: not a URL") // the error of Parse quotes it
	}
	s := &server{url: u, name: "chain_" + strings.ToLower(rand.Text()[:10]) + "_", crash: crash}
	if err := s.mayCrash(ctx); err != nil {
		return nil, err
	}
	for _, service := range services {
		if err := s.exec(ctx, "create database "+s.name+service); err != nil {
			return nil, errors.Join(fmt.Errorf("-postgres: %w", err), s.remove())
		}
	}
	return s, nil
}

// mayCrash asks the server itself: an address that was mistaken must not cost others their server.
func (s *server) mayCrash(ctx context.Context) error {
	if !s.crash {
		return nil
	}
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return fmt.Errorf("-crash: %w", err)
	}
	var database string
	var may bool
	err = conn.QueryRow(ctx, `select current_database(), coalesce(current_setting('chain.may_crash', true), '') = 'on'`).
		Scan(&database, &may)
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("-crash: %w", err)
	}
	if !may {
		return fmt.Errorf("-crash: not allowed; if the server is yours alone: alter database %s set chain.may_crash = on",
			pgx.Identifier{database}.Sanitize())
	}
	return nil
}

// exec runs one statement, in a session of its own.
func (s *server) exec(ctx context.Context, text string) error {
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, text)
	return errors.Join(err, conn.Close(ctx))
}

func (s *server) at(service string) string {
	u := *s.url
	u.Path = "/" + s.name + service
	return u.String()
}

// strike ends all connections to a database; where that is not enough, it crashes the server.
func (s *server) strike(ctx context.Context, service string) (bool, error) {
	if s.crash {
		err := s.crashAll(ctx)
		return err == nil, err
	}
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return false, fmt.Errorf("end connections: %w", err)
	}
	var ended int
	err = conn.QueryRow(ctx, `select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
		where datname = $1 and backend_type = 'client backend'`, s.name+service).Scan(&ended)
	return ended > 0, errors.Join(err, conn.Close(ctx))
}

// crashAll kills the server process of a session as the operating system might. Postgres then ends all others, and
// recovers from its log (https://www.postgresql.org/docs/current/server-shutdown.html).
func (s *server) crashAll(ctx context.Context) error {
	if err := s.exec(ctx, `copy (select 1) to program 'kill -9 $PPID'`); err == nil {
		return errors.New("-crash: the server did not crash")
	}
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && ctx.Err() == nil; wait(ctx, 50*time.Millisecond) {
		if err = s.exec(ctx, "select 1"); err == nil {
			return nil
		}
	}
	return fmt.Errorf("-crash: the server does not come back: %w", err)
}

func (s *server) read(service string) (*sql.DB, error) { return sql.Open("pgx", s.at(service)) }

func (s *server) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var errs []error
	for _, service := range services {
		errs = append(errs, s.exec(ctx, "drop database if exists "+s.name+service+" with (force)"))
	}
	return errors.Join(errs...)
}
