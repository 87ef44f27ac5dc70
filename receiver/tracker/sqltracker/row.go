package sqltracker

import (
	"database/sql"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// row is a message as it is stored; the zero row is of one that is not.
type row struct {
	tracker.Message
	version int64 // of the stored row; 0 if there is none
}

const (
	columns = "message_id, participant, source, line, step, since, sent_at, delivered_at, read_at, played_at, " +
		"failed_at, recipient, user_id, kirim_id, code, reason, version"
	keyed   = "message_id = ? and participant = ? and source = ? and line = ?"
	ordered = "message_id, participant, source, line"
)

// key is the arguments of keyed.
func key(k tracker.Key) []any { return []any{k.ID, k.Participant, string(k.Source), k.Line} }

// content is what follows the key in columns, but for the version.
func content(m tracker.Message) []any {
	return []any{
		string(m.Step), m.Since.UnixMicro(),
		stored(m.SentAt), stored(m.DeliveredAt), stored(m.ReadAt), stored(m.PlayedAt), stored(m.FailedAt),
		m.Recipient, m.UserID, sql.NullString{String: m.KirimID, Valid: m.KirimID != ""}, int64(m.Code), m.Reason,
	}
}

func stored(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func scanAll(rows *sql.Rows, err error) ([]row, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func scan(rows *sql.Rows) (row, error) {
	var (
		r            row
		source, step string
		since        sql.NullInt64
		times        [5]sql.NullInt64
		kirimID      sql.NullString
	)
	err := rows.Scan(&r.ID, &r.Participant, &source, &r.Line, &step, &since, &times[0], &times[1], &times[2], &times[3],
		&times[4], &r.Recipient, &r.UserID, &kirimID, &r.Code, &r.Reason, &r.version)
	r.Source, r.Step, r.Since, r.KirimID = envelope.Source(source), tracker.Step(step), read(since), kirimID.String
	r.SentAt, r.DeliveredAt, r.ReadAt = read(times[0]), read(times[1]), read(times[2])
	r.PlayedAt, r.FailedAt = read(times[3]), read(times[4])
	return r, err
}

func read(t sql.NullInt64) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return time.UnixMicro(t.Int64).UTC()
}

func messages(rows []row) []tracker.Message {
	var list []tracker.Message
	for _, r := range rows {
		list = append(list, r.Message)
	}
	return list
}
