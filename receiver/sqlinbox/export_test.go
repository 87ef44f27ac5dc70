package sqlinbox

import "strings"

// Statements are what an inbox runs, for tests that spoil one.
var Statements = map[string]string{
	"store": sqlStore, "waiting": sqlWaiting, "arrived": sqlArrived, "behind": sqlBehind, "ended": sqlEnded,
	"take": sqlTakeDue,
	"end":  sqlEnd, "retry": sqlRetry, "dead": sqlDead, "release": sqlRelease, "renew": sqlRenew, "delete": sqlDelete,
	"replay": sqlReplay, "retry now": sqlRetryNow, "cancel": sqlCancel, "list": sqlList, "stranded": sqlStranded,
}

// Spoil changes one statement of b.
func Spoil(b *Inbox, name, old, spoiled string) {
	text, ok := Statements[name]
	if !ok || !strings.Contains(text, old) {
		panic("no statement " + name + " with " + old)
	}
	b.db.statements[text] = b.db.traits.statement(strings.Replace(text, old, spoiled, 1), b.db.table)
}
