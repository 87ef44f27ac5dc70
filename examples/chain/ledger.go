package main

import (
	"context"
	"net/http"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// ledgerSchema has an entry for each transfer, in the order in which they were booked, and what they come to. No key
// keeps a transfer from being booked twice: that is the inbox's to do, and the audit looks whether it did.
const ledgerSchema = `
create table if not exists entries (
	n {serial} primary key, account text not null, number bigint not null, cents bigint not null
);
create table if not exists books (account text primary key, balance bigint not null);`

// ledgerService is the second service: it keeps the books.
type ledgerService struct{ *service }

func (l ledgerService) register(events *receiver.Mux, _ *http.ServeMux) (schema string) {
	receiver.On(events, transferMade, l.book)
	return ledgerSchema
}

// book enters a transfer into the books and tells the account service, in the transaction that marks the event as
// handled: all three are there, or none.
func (l ledgerService) book(ctx context.Context, _ *receiver.Event, t Transfer) error {
	booked, err := kirim.NewEvent(transferBooked, t)
	if err != nil {
		return err
	}
	tx := sqlinbox.Tx(ctx)
	_, err = tx.ExecContext(ctx, `insert into entries (account, number, cents) values ($1, $2, $3)`,
		t.Account, t.Number, t.Cents)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into books (account, balance) values ($1, $2)
		on conflict (account) do update set balance = books.balance + excluded.balance`, t.Account, t.Cents)
	if err != nil {
		return err
	}
	return l.publish(ctx, tx, booked)
}
