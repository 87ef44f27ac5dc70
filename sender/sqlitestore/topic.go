package sqlitestore

import (
	"encoding/json"
	"slices"
)

const (
	sqlTopics = `
SELECT json_group_array(topic) FROM kirimhooks_topics INDEXED BY kirimhooks_topics_of WHERE subscription = ?`

	sqlDropTopics = `
DELETE FROM kirimhooks_topics INDEXED BY kirimhooks_topics_of
WHERE subscription = ? AND topic NOT IN (SELECT value FROM json_each(?))`

	sqlAddTopics = `
INSERT OR IGNORE INTO kirimhooks_topics (org, topic, subscription) SELECT ?, value, ? FROM json_each(?)`
)

// setTopics writes what a subscription wants from now on. A change that leaves it alone writes nothing, whatever it
// wants: that may be 50,000 topics.
func (tx *transaction) setTopics(org string, number int64, topics []string) error {
	var was []byte
	if _, err := tx.row(sqlTopics, []any{number}, &was); err != nil {
		return err
	}
	var old []string
	if err := json.Unmarshal(was, &old); err != nil {
		return err
	}
	slices.Sort(old)
	topics = slices.Compact(slices.Sorted(slices.Values(topics)))
	if slices.Equal(old, topics) {
		return nil
	}
	text, err := json.Marshal(append([]string{}, topics...))
	if err != nil {
		return err
	}
	if _, err := tx.exec(sqlDropTopics, number, string(text)); err != nil {
		return err
	}
	_, err = tx.exec(sqlAddTopics, org, number, string(text))
	return err
}
