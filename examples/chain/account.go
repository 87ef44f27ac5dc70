package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// accountSchema has the accounts, what was taken from them, and what the ledger says that it has booked.
const accountSchema = `
create table if not exists accounts (
	id text primary key, balance bigint not null, last bigint not null default 0, confirmed bigint not null default 0
);
create table if not exists transfers (
	n {serial} primary key, request text not null unique,
	account text not null, number bigint not null, cents bigint not null
);
create table if not exists confirmations (
	n {serial} primary key, account text not null, number bigint not null, cents bigint not null
);`

// accountService is the first service: it holds the money.
type accountService struct{ *service }

func (a accountService) register(events *receiver.Mux, api *http.ServeMux) (schema string) {
	receiver.On(events, transferBooked, a.confirm)
	api.HandleFunc("PUT /accounts/{id}", a.open)
	api.HandleFunc("PUT /transfers/{request}", a.take)
	return accountSchema
}

// transfer takes money from an account and tells the ledger. Both are there when the transaction is, or neither. A
// request that comes again, since its answer was lost, changes nothing.
func (a accountService) transfer(ctx context.Context, request string, t Transfer) error {
	tx, err := a.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	err = tx.QueryRowContext(ctx, `update accounts set balance = balance - $1, last = last + 1
		where id = $2 and balance >= $1 returning last`, t.Cents, t.Account).Scan(&t.Number)
	if errors.Is(err, sql.ErrNoRows) {
		return errRefused
	}
	if err != nil {
		return err
	}
	made, err := tx.ExecContext(ctx, `insert into transfers (request, account, number, cents) values ($1, $2, $3, $4)
		on conflict (request) do nothing`, request, t.Account, t.Number, t.Cents)
	if err != nil {
		return err
	}
	if n, err := made.RowsAffected(); n == 0 {
		return err
	}
	ev, err := kirim.NewEvent(transferMade, t)
	if err != nil {
		return err
	}
	if err := a.publish(ctx, tx, ev); err != nil {
		return err
	}
	return tx.Commit()
}

var errRefused = errors.New("no such account, or not enough money on it")

// confirm writes down that the ledger has booked a transfer, in the transaction that marks the event as handled.
func (a accountService) confirm(ctx context.Context, _ *receiver.Event, t Transfer) error {
	tx := sqlinbox.Tx(ctx)
	_, err := tx.ExecContext(ctx, `insert into confirmations (account, number, cents) values ($1, $2, $3)`,
		t.Account, t.Number, t.Cents)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update accounts set confirmed = confirmed + $1 where id = $2`, t.Cents, t.Account)
	return err
}

func (a accountService) open(w http.ResponseWriter, r *http.Request) {
	var opening struct{ Cents int64 }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&opening)
	if err == nil {
		_, err = a.ExecContext(r.Context(), `insert into accounts (id, balance) values ($1, $2)
			on conflict (id) do nothing`, r.PathValue("id"), opening.Cents)
	}
	answer(w, err)
}

func (a accountService) take(w http.ResponseWriter, r *http.Request) {
	var t Transfer
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&t)
	if err == nil && t.Cents <= 0 {
		err = fmt.Errorf("cents: %d is no amount", t.Cents)
	}
	if err == nil {
		err = a.transfer(r.Context(), r.PathValue("request"), t)
	}
	answer(w, err)
}

// answer tells a customer whether it is done. Whatever kept it from being done, the customer may ask again.
func answer(w http.ResponseWriter, err error) {
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, errRefused):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	default:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}
