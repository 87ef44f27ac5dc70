package sqlitestore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// What a subscription wants, apart from its record: up to 50,000 topics, which most changes leave alone.
const (
	sqlDigestOfTopics = `coalesce((SELECT digest FROM kirimhooks_wanted WHERE sub = s.sub), '')`
	sqlTopicsOf       = `coalesce((SELECT topics FROM kirimhooks_wanted WHERE sub = s.sub), '')`

	sqlTopics = `SELECT topics FROM kirimhooks_wanted WHERE sub = ?`

	sqlPutTopics = `
INSERT INTO kirimhooks_wanted (sub, digest, topics) VALUES (?, ?, ?)
ON CONFLICT (sub) DO UPDATE SET digest = excluded.digest, topics = excluded.topics`

	sqlForgetTopics = `DELETE FROM kirimhooks_wanted WHERE sub = ?`

	sqlDropTopics = `DELETE FROM kirimhooks_topics WHERE org = ? AND topic = ? AND sub = ?`
	sqlAddTopic   = `INSERT OR IGNORE INTO kirimhooks_topics (org, topic, sub) VALUES (?, ?, ?)`

	// sqlDropAllTopics walks over those of the org: it is for a subscription of which nobody can read what it wanted.
	sqlDropAllTopics = `DELETE FROM kirimhooks_topics WHERE org = ? AND sub = ?`
)

// digestOf tells lists of topics apart.
func digestOf(topics []string) string {
	h := sha256.New()
	var length [8]byte
	for _, topic := range topics {
		binary.BigEndian.PutUint64(length[:], uint64(len(topic)))
		h.Write(length[:])
		h.Write([]byte(topic))
	}
	return string(h.Sum(nil))
}

func decodeTopics(text string) (topics []string, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &topics)
	return topics, err
}

// topics gives those of a subscription that stand apart, from memory if their digest is known there. broken is of that
// row alone.
func (tx *transaction) topics(sub int64, digest string) (topics []string, broken, err error) {
	if topics, ok := tx.store.records.topics(sub, digest); ok {
		return topics, nil, nil
	}
	err = tx.each(sqlTopics, []any{sub}, func(scan scanner) error {
		var text string
		err := scan(&text)
		if err == nil {
			topics, broken = decodeTopics(text)
		}
		return err
	})
	if broken != nil {
		broken = unreadable(fmt.Sprintf("topics of subscription %d", sub), broken)
	}
	return topics, broken, err
}

// keepTopics writes what a subscription wants from now on. What differs from old is written to the index that publications
// are matched with.
func (tx *transaction) keepTopics(org string, sub int64, old, topics []string, digest string) error {
	if err := tx.setTopics(org, sub, old, topics); err != nil {
		return err
	}
	text, err := json.Marshal(topics)
	if err != nil {
		return err
	}
	_, err = tx.exec(sqlPutTopics, sub, []byte(digest), string(text))
	return err
}

// oldTopics are those that a subscription has. If nobody can read which, it loses them all.
func (tx *transaction) oldTopics(org string, sub, version int64) ([]string, error) {
	record, err := tx.subscription(sub, version)
	if errors.Is(err, driver.ErrUnreadable) {
		_, err := tx.exec(sqlDropAllTopics, org, sub)
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	return record.Topics, nil
}

func (tx *transaction) setTopics(org string, sub int64, old, topics []string) error {
	for _, change := range [...]struct {
		text string
		from []string
		to   []string
	}{{sqlDropTopics, topics, old}, {sqlAddTopic, old, topics}} {
		same := make(map[string]bool, len(change.from))
		for _, topic := range change.from {
			same[topic] = true
		}
		for _, topic := range change.to {
			if same[topic] {
				continue
			}
			if _, err := tx.exec(change.text, org, topic, sub); err != nil {
				return err
			}
		}
	}
	return nil
}
