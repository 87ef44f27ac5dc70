package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// findings is what an audit counts.
type findings struct {
	lost       int   // effects that are not there
	doubled    int   // effects that are there once more than they should be
	disordered int   // effects that stand behind one that should come later
	off        int64 // cents by which accounts and books do not balance
	total      int64 // cents that customers transferred
	notes      []string
}

func (f *findings) clean() bool {
	return f.lost == 0 && f.doubled == 0 && f.disordered == 0 && f.off == 0
}

// audit reads the tables of both services with plain SQL, and holds them against what the customers and the wire know.
type audit struct {
	accounts, ledger *sql.DB
	customers        []*customer
	passages         map[passage]*mark // what came to whom, and when
	findings
}

// effects are the tables with one row for each transfer. Rows of an account stand in the order of their numbers: a
// transfer is asked for when the one before has arrived at the ledger, and the lane keeps that order. Confirmations
// overtake each other on their way back, and stand in the order in which they arrived.
var effects = []struct {
	service, table string
	judge          func(*audit, string, []Transfer)
}{
	{"account", "transfers", (*audit).byNumber},
	{"ledger", "entries", (*audit).byNumber},
	{"account", "confirmations", (*audit).byArrival},
}

// balances are queries for an amount of each account, and what it should be after transfers that come to sum.
var balances = []struct {
	service, query string
	want           func(sum int64) int64
}{
	{"account", `select id, balance from accounts`, func(sum int64) int64 { return opening - sum }},
	{"account", `select id, confirmed from accounts`, func(sum int64) int64 { return sum }},
	{"ledger", `select account, balance from books`, func(sum int64) int64 { return sum }},
}

// examine reads everything.
func (a *audit) examine(ctx context.Context) (*findings, error) {
	for _, c := range a.customers {
		a.total += c.sum()
	}
	for _, e := range effects {
		rows, err := readTransfers(ctx, a.of(e.service), e.table)
		if err != nil {
			return nil, fmt.Errorf("audit %s: %w", e.table, err)
		}
		a.count(e.table, rows)
		e.judge(a, e.table, rows)
	}
	for _, b := range balances {
		if err := a.balance(ctx, a.of(b.service), b.query, b.want); err != nil {
			return nil, fmt.Errorf("audit %s: %w", b.query, err)
		}
	}
	return &a.findings, nil
}

func (a *audit) of(service string) *sql.DB {
	if service == "ledger" {
		return a.ledger
	}
	return a.accounts
}

func (a *audit) note(format string, args ...any) {
	a.notes = append(a.notes, fmt.Sprintf(format, args...))
}

// readTransfers returns the rows of a table in the order in which they were written.
func readTransfers(ctx context.Context, db *sql.DB, table string) (list []Transfer, err error) {
	rows, err := db.QueryContext(ctx, `select account, number, cents from `+table+` order by n`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t Transfer
		if err := rows.Scan(&t.Account, &t.Number, &t.Cents); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// count looks for each transfer that a customer knows of once. One that nobody asked for is one too many.
func (a *audit) count(table string, rows []Transfer) {
	found := make(map[Transfer]int)
	for _, t := range rows {
		found[t]++
	}
	for _, c := range a.customers {
		for _, t := range c.made {
			switch n := found[t]; {
			case n == 0:
				a.lost++
				a.note("%s: %v is not there", table, t)
			case n > 1:
				a.doubled += n - 1
				a.note("%s: %v is there %d times", table, t, n)
			}
			delete(found, t)
		}
	}
	for t, n := range found {
		a.doubled += n
		a.note("%s: nobody asked for %v", table, t)
	}
}

// byNumber looks whether the transfers of an account stand in the order of their numbers.
func (a *audit) byNumber(table string, rows []Transfer) {
	highest := make(map[string]int64)
	for _, t := range rows {
		if t.Number < highest[t.Account] {
			a.disordered++
			a.note("%s: %v stands behind number %d", table, t, highest[t.Account])
		}
		highest[t.Account] = max(highest[t.Account], t.Number)
	}
}

// byArrival looks whether a transfer stands before another of its account that was acknowledged before its own webhook
// began to come.
func (a *audit) byArrival(table string, rows []Transfer) {
	earliest := make(map[string]*mark) // acknowledged, of those behind
	for _, t := range slices.Backward(rows) {
		m := a.passages[passage{"account", t.Account, t.Number}]
		if m == nil || m.acknowledged == 0 {
			a.doubled++
			a.note("%s: %v came by no webhook", table, t)
			continue
		}
		behind := earliest[t.Account]
		if behind != nil && behind.acknowledged < m.began {
			a.disordered++
			a.note("%s: %v stands before one that was there before it came", table, t)
		}
		if behind == nil || m.acknowledged < behind.acknowledged {
			earliest[t.Account] = m
		}
	}
}

// balance holds an amount of each account against the sum of its transfers.
func (a *audit) balance(ctx context.Context, db *sql.DB, query string, want func(sum int64) int64) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	found := make(map[string]int64)
	for rows.Next() {
		var account string
		var cents int64
		if err := rows.Scan(&account, &cents); err != nil {
			return err
		}
		found[account] += cents
	}
	for _, c := range a.customers {
		found[c.account] -= want(c.sum())
	}
	for account, cents := range found {
		if cents != 0 {
			a.off += max(cents, -cents)
			a.note("%s: %s is off by %d cents", query, account, cents)
		}
	}
	return rows.Err()
}
