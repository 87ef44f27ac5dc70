package main

import (
	"database/sql"
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// store is a database that is not open yet.
type store struct {
	flavor      sqlinbox.Flavor
	driver, dsn string
}

var errStore = errors.New("-store: must be sqlite:FILE, postgres://user:password@host/database " +
	"or mysql://user:password@host/database")

// parseStore finds out what -store means. The value may hold a password, and so no error quotes it.
func parseStore(spec string) (store, error) {
	kind, rest, _ := strings.Cut(spec, ":")
	switch {
	case kind == "sqlite" && rest != "":
		path, err := filepath.Abs(rest)
		if err != nil {
			return store{}, err
		}
		dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path),
			RawQuery: "_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"}
		return store{sqlinbox.SQLite, "sqlite", dsn.String()}, nil
	case kind == "postgres" || kind == "postgresql":
		return store{sqlinbox.Postgres, "pgx", spec}, nil
	case kind == "mysql":
		return parseMySQL(spec)
	}
	return store{}, errStore
}

func parseMySQL(spec string) (store, error) {
	u, err := url.Parse(spec)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return store{}, errStore
	}
	cfg := mysql.NewConfig()
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", u.Host, strings.Trim(u.Path, "/")
	if u.Port() == "" {
		cfg.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	return store{sqlinbox.MySQL, "mysql", cfg.FormatDSN()}, nil
}

// open allows a few more connections than there are workers.
func (s store) open() (*sql.DB, error) {
	db, err := sql.Open(s.driver, s.dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(24)
	db.SetMaxIdleConns(24)
	return db, nil
}
