package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// begin is the start of every call: its deadline, and on the first one a look at the database.
func (s *Store) begin(ctx context.Context) (context.Context, context.CancelFunc, *ids, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	ids, err := s.open(ctx)
	if err != nil {
		cancel()
		return nil, nil, nil, err
	}
	return ctx, cancel, ids, nil
}

// grace is how much longer than its context a call may take that leases. Cut short, it would leave deliveries leased
// that nobody knows of, and each of them late by a lease: at every shutdown, and for every caller of Publish that gives
// up.
const grace = time.Second

// patient begins a call that leases.
func (s *Store) patient(ctx context.Context) (context.Context, context.CancelFunc, *ids, error) {
	if ctx.Err() != nil {
		return nil, nil, nil, ctx.Err()
	}
	longer, cancel, ids, err := s.begin(context.WithoutCancel(ctx))
	if err != nil {
		return nil, nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }, ids, nil
}

// blame names the end of the context as the cause, where the patience after it ran out too.
func blame(ctx context.Context, err *error) {
	if *err != nil && ctx.Err() != nil && !errors.Is(*err, ctx.Err()) {
		*err = fmt.Errorf("%w: %w", ctx.Err(), *err)
	}
}

// open checks once that this store can keep its promises here, and fetches the key of the delivery ids.
func (s *Store) open(ctx context.Context) (*ids, error) {
	if ids := s.opened.Load(); ids != nil {
		return ids, ctx.Err()
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if ids := s.opened.Load(); ids != nil {
		return ids, ctx.Err()
	}
	var version int
	var secret []byte
	var encoding, durable, isolation string
	// not what the session has at the moment: that may be of somebody else who shares the pool
	err := s.row(ctx, s.sql.in(`select version, delivery_id_key, pg_encoding_to_char(encoding),
			(select reset_val from pg_settings where name = 'synchronous_commit'),
			(select reset_val from pg_settings where name = 'default_transaction_isolation')
		from {schema}.meta, pg_database where datname = current_database()`),
		nil, &version, &secret, &encoding, &durable, &isolation)
	switch {
	case isUndefined(err):
		return nil, s.older(ctx, err)
	case err != nil:
		return nil, err
	case version < SchemaVersion:
		return nil, s.tooOld(version)
	case encoding != "UTF8":
		return nil, fmt.Errorf("the database is encoded in %s, which cannot hold every text: it must be UTF8", encoding)
	case durable == "off" && !s.cfg.AllowAsyncCommit:
		return nil, errors.New("synchronous_commit is off, so that what was published may be lost in a crash: " +
			"set it to on for this role or database, or set Config.AllowAsyncCommit")
	case isolation != "read committed":
		return nil, fmt.Errorf("transactions of the pool are %s by default: "+
			"set default_transaction_isolation to read committed for this role", isolation)
	}
	ids, err := newIDs(secret)
	if err == nil {
		s.opened.Store(ids)
	}
	return ids, err
}

// older says what is wrong with a schema that lacks what this version has.
func (s *Store) older(ctx context.Context, cause error) error {
	version := 0
	err := s.run(ctx, func(c *pgx.Conn) (err error) {
		version, err = s.version(ctx, c)
		return err
	})
	switch {
	case err != nil:
		return err
	case version == 0:
		return fmt.Errorf("schema %q holds nothing of this package: call Migrate first: %w", s.cfg.Schema, cause)
	case version < SchemaVersion:
		return s.tooOld(version)
	}
	return fmt.Errorf("schema %q has version %d, of which this program misses something: %w",
		s.cfg.Schema, version, cause)
}

func (s *Store) tooOld(version int) error {
	return fmt.Errorf("schema %q has version %d, this program needs %d: "+
		"call Migrate first, or apply what SchemaFrom gives",
		s.cfg.Schema, version, SchemaVersion)
}
