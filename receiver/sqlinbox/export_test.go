package sqlinbox

import "strings"

// Statements are what an inbox runs, for tests that spoil one.
var Statements = map[string]string{
	"store": sqlStore, "waiting": sqlWaiting, "arrived": sqlArrived, "behind": sqlBehind, "ended": sqlEnded,
	"take": sqlTakeDue,
	"end":  sqlEnd, "retry": sqlRetry, "dead": sqlDead, "release": sqlRelease, "renew": sqlRenew, "delete": sqlDelete,
	"replay": sqlReplay, "retry now": sqlRetryNow, "cancel": sqlCancel, "list": sqlList, "blocked": sqlBlocked, "stranded": sqlStranded,
}

// Spoil changes one statement of b.
func Spoil(b *Inbox, name, old, spoiled string) {
	text, ok := Statements[name]
	if !ok || !strings.Contains(text, old) {
		panic("no statement " + name + " with " + old)
	}
	b.db.statements[text] = b.db.traits.statement(strings.Replace(text, old, spoiled, 1), b.db.table)
}

// Explained are the statements that look for rows by their stage, as database f runs them, each with its arguments.
func Explained(f Flavor, table string) map[string]ExplainedStatement {
	all := make(map[string]ExplainedStatement)
	for name, text := range map[string]string{
		"look": sqlLook, "arrived": sqlArrived, "ended": sqlEnded, "any due": sqlAnyDue, "due": sqlFree, "old": sqlOld,
		"blocked": sqlBlocked, "blocked and due": sqlBlockedDue, "backlog": sqlBacklog,
		"oldest due": sqlOldestDue,
	} {
		t := f.traits()
		s := t.statement(text, tableName(table))
		query, args := t.bind(s, values{"limit": batch, "stage": ended(Done, ""), "age": int64(1), "lane": "slow"})
		all[name] = ExplainedStatement{query, args}
	}
	return all
}

// ExplainedStatement is text and arguments of a statement.
type ExplainedStatement struct {
	Text string
	Args []any
}
