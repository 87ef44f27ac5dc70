package sqltracker_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/verdicttest"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/sqltracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/trackertest"
)

// edits are pairs of what stands in a statement and what shall.
type edits []string

// anyone is a key without its participant.
const anyone = "message_id = ? and ? <> '-' and source = ? and line = ?"

// Faults that statements could have are found on every database.
func TestEveryFaultIsFound(t *testing.T) {
	cases := map[string]func(trackertest.T, tracker.Store){}
	for name, run := range trackertest.Cases() {
		cases[name] = run
	}
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		for _, fault := range []struct {
			failing, name string
			edits         edits
		}{
			{"WritersAtOnceLoseNothing", "a write does not look at the version", edits{"and version = ?", "and ? > 0"}},
			{"OneRowOfAllSteps", "the step stays", edits{"set step = ?,", "set step = coalesce(step, ?),"}},
			{"KeysAreApart", "participants are not looked at", edits{"{key}", anyone}},
			{"WhatComesLaterFillsIn", "what came first stays", edits{"kirim_id = ?,", "kirim_id = coalesce(kirim_id, ?, null),",
				"user_id = ?", "user_id = replace(?, 'ID', '')"}},
			{"FirstFailureIsTold", "codes add up", edits{"code = ?", "code = code + ?"}},
			{"GetFindsByEitherID", "nothing is found by Kirim's id", edits{"kirim_id = ?", "kirim_id = ? and source = ''"}},
			{"GetFindsByEitherID", "a row of one id is found twice", edits{"and message_id <> ?", "and ? <> ''"}},
			{"ListByStep", "other steps", edits{"step = ? and since < ? and", "step <> ? and since < ? and"}},
			{"ListBefore", "the moment itself counts", edits{"since < ? and", "since <= ? and"}},
			{"ListBefore", "the newest first", edits{"order by since, {order}", "order by since desc, {order}"}},
			{"ListPages", "pages overlap", edits{"> (?", ">= (?", "line > ?", "line >= ?"}},
			{"PurgeDeletesTheOld", "the moment itself counts", edits{"since < ? order by since l", "since <= ? order by since l",
				"and since < ?", "and since <= ?"}},
			{"PurgeDeletesTheOld", "no participants", edits{"since < ? order by since l",
				"since < ? and participant = '' order by since l"}},
		} {
			t.Run(fault.failing+"/"+fault.name, func(t *testing.T) {
				sqltracker.Plant(t, w.Store, fault.edits...)
				run := cases[fault.failing]
				require.NotNil(t, run, "no such case")
				verdict := verdicttest.Judge(t.Context(), func(t *verdicttest.T) { run(t, w.emptied()) })
				require.True(t, verdict.Failed())
			})
		}
	})
}
