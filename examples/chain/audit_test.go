package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ideal is a run in which two customers made three transfers each, all of which came round.
func ideal(t *testing.T) *audit {
	open := func(name, schema string) *sql.DB {
		db, err := sql.Open("sqlite", sqliteDSN(filepath.Join(t.TempDir(), name)))
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		_, err = db.ExecContext(t.Context(), strings.ReplaceAll(schema, "{serial}", "integer"))
		require.NoError(t, err)
		return db
	}
	a := &audit{
		accounts: open("account.db", accountSchema), ledger: open("ledger.db", ledgerSchema),
		passages: newWire(nil).passages,
	}
	for _, account := range []string{"acc_1", "acc_2"} {
		c := &customer{account: account}
		a.customers = append(a.customers, c)
		plant(t, a.accounts, `insert into accounts (id, balance) values ($1, $2)`, account, opening)
		plant(t, a.ledger, `insert into books (account, balance) values ($1, 0)`, account)
		for number := range int64(3) {
			a.comesRound(t, c, Transfer{account, number + 1, 100 * (number + 1)})
		}
	}
	return a
}

func plant(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	done, err := db.ExecContext(t.Context(), query, args...)
	require.NoError(t, err)
	n, err := done.RowsAffected()
	require.NoError(t, err)
	require.Positive(t, n, "it plants nothing: %s", query)
}

// comesRound is all that is left of one transfer.
func (a *audit) comesRound(t *testing.T, c *customer, made Transfer) {
	c.made = append(c.made, made)
	w := &wire{passages: a.passages, moment: 10 * int64(len(a.passages))}
	for _, to := range services {
		w.begin(passage{to, made.Account, made.Number})
		w.acknowledge(passage{to, made.Account, made.Number})
	}
	plant(t, a.accounts, `insert into transfers (request, account, number, cents)
		values (hex(randomblob(8)), $1, $2, $3)`, made.Account, made.Number, made.Cents)
	plant(t, a.accounts, `insert into confirmations (account, number, cents) values ($1, $2, $3)`,
		made.Account, made.Number, made.Cents)
	plant(t, a.ledger, `insert into entries (account, number, cents) values ($1, $2, $3)`,
		made.Account, made.Number, made.Cents)
	plant(t, a.accounts, `update accounts set balance = balance - $1, confirmed = confirmed + $1 where id = $2`,
		made.Cents, made.Account)
	plant(t, a.ledger, `update books set balance = balance + $1 where account = $2`, made.Cents, made.Account)
}

func TestAuditOfAnIdealRun(t *testing.T) {
	found, err := ideal(t).examine(t.Context())
	require.NoError(t, err)
	require.Equal(t, &findings{total: 1200}, found)
	require.True(t, found.clean())
}

// Each fault is found, and nothing else.
func TestAuditFindsFaults(t *testing.T) {
	const (
		ofOne  = `account = 'acc_1' and number = 2`
		ofLast = `account = 'acc_1' and number = 3`
		behind = `n = 100 + n where ` + ofOne // now behind number 3
	)
	lost, twice, late := findings{lost: 1}, findings{doubled: 1}, findings{disordered: 1}
	for name, c := range map[string]struct {
		of   string // the service in whose database it is
		sql  string
		want findings
	}{
		"a transfer is gone":        {"account", `delete from transfers where ` + ofOne, lost},
		"an entry is lost":          {"ledger", `delete from entries where ` + ofOne, lost},
		"a confirmation is lost":    {"account", `delete from confirmations where ` + ofOne, lost},
		"two entries are lost":      {"ledger", `delete from entries where number = 3`, findings{lost: 2}},
		"a transfer is doubled":     {"account", doubled("transfers", "request, ", "'again', ", ofLast), twice},
		"an entry is doubled":       {"ledger", doubled("entries", "", "", ofLast), twice},
		"a confirmation is doubled": {"account", doubled("confirmations", "", "", ofLast), twice},
		"an old entry comes again":  {"ledger", doubled("entries", "", "", ofOne), findings{doubled: 1, disordered: 1}},
		"nobody asked for it": {"ledger",
			`insert into entries (account, number, cents) values ('acc_1', 4, 5)`, twice},
		"another amount": {"ledger",
			`update entries set cents = 1 where ` + ofOne, findings{lost: 1, doubled: 1}},

		"an entry is out of order":       {"ledger", `update entries set ` + behind, late},
		"a transfer is out of order":     {"account", `update transfers set ` + behind, late},
		"a confirmation is out of order": {"account", `update confirmations set ` + behind, late},

		"money is taken and not booked": {"account",
			`update accounts set balance = balance - 7 where id = 'acc_1'`, findings{off: 7}},
		"money appears on accounts": {"account",
			`update accounts set balance = balance + 7`, findings{off: 14}},
		"nothing is confirmed": {"account",
			`update accounts set confirmed = 0 where id = 'acc_2'`, findings{off: 600}},
		"one cent in the books": {"ledger",
			`update books set balance = balance + 1 where account = 'acc_2'`, findings{off: 1}},
		"two that cancel out": {"ledger",
			`update books set balance = balance + case account when 'acc_1' then 9 else -9 end`, findings{off: 18}},
		"an account of the ledger is lost": {"ledger",
			`delete from books where account = 'acc_1'`, findings{off: 600}},
		"an account that nobody has": {"ledger",
			`insert into books (account, balance) values ('acc_3', 3)`, findings{off: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			a := ideal(t)
			plant(t, a.of(c.of), c.sql)
			found, err := a.examine(t.Context())
			require.NoError(t, err)
			require.NotEmpty(t, found.notes)
			require.False(t, found.clean())
			found.notes, found.total = nil, 0
			require.Equal(t, &c.want, found)
		})
	}
}

// doubled is SQL that writes a row once more.
func doubled(table, more, values, where string) string {
	return `insert into ` + table + ` (` + more + `account, number, cents)
		select ` + values + `account, number, cents from ` + table + ` where ` + where
}

// Confirmations overtake each other on their way. It is no fault that they stand as they came.
func TestAuditOfConfirmationsThatOvertake(t *testing.T) {
	a := ideal(t)
	plant(t, a.accounts, `update confirmations set n = 100 + n where account = 'acc_1' and number = 2`)
	second, third := passage{"account", "acc_1", 2}, passage{"account", "acc_1", 3}
	for name, c := range map[string]struct {
		second, third mark
		disordered    int
	}{
		"one after the other":  {mark{began: 1, acknowledged: 2}, mark{began: 3, acknowledged: 4}, 1},
		"at the same time":     {mark{began: 1, acknowledged: 3}, mark{began: 2, acknowledged: 4}, 0},
		"the other way around": {mark{began: 3, acknowledged: 4}, mark{began: 1, acknowledged: 2}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a.findings = findings{}
			a.passages[second], a.passages[third] = &c.second, &c.third
			found, err := a.examine(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.disordered, found.disordered)
		})
	}
	a.findings = findings{}
	delete(a.passages, third)
	found, err := a.examine(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, found.doubled, "it came by no webhook")
}
