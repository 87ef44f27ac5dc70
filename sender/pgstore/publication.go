package pgstore

import (
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// publications are the columns of a batch.
type publications struct {
	org, id, source, kind, device, channel, trace, only []string
	test                                                []bool
	created                                             []*time.Time
	body, digest                                        [][]byte
	topicOrg, topic                                     []string // each once
	pairEvent, pairTopic                                []int32  // which event has which topic, by ordinal
}

// columns gives those of pubs that batch names, in its order.
func columns(pubs []driver.Publication, batch []int) *publications {
	n := len(batch)
	texts := make([]string, 8*n)
	column := func(i int) []string { return texts[i*n : (i+1)*n : (i+1)*n] }
	bytes := make([][]byte, 2*n)
	c := &publications{
		org: column(0), id: column(1), source: column(2), kind: column(3), device: column(4), channel: column(5),
		trace: column(6), only: column(7),
		test: make([]bool, n), created: make([]*time.Time, n), body: bytes[:n:n], digest: bytes[n:],
	}
	topics := make(map[[2]string]int32, n)
	alone := false
	for j, i := range batch {
		p := &pubs[i]
		e := &p.Event
		c.org[j], c.id[j], c.source[j], c.kind[j] = p.Org, e.ID, string(e.Source), e.Type
		c.device[j], c.channel[j], c.trace[j], c.only[j] = e.Device, e.Channel, p.Trace, p.Only
		c.test[j], c.body[j], c.digest[j] = e.Test, e.Body, p.Digest[:]
		if !e.CreatedAt.IsZero() {
			c.created[j] = &e.CreatedAt
		}
		if c.body[j] == nil {
			c.body[j] = []byte{}
		}
		if p.Only != "" { // it goes there whatever its topics
			alone = true
			continue
		}
		for _, t := range p.Topics {
			key := [2]string{p.Org, t}
			k, there := topics[key]
			if !there {
				c.topicOrg, c.topic = append(c.topicOrg, p.Org), append(c.topic, t)
				k = int32(len(c.topic))
				topics[key] = k
			}
			c.pairEvent, c.pairTopic = append(c.pairEvent, int32(j+1)), append(c.pairTopic, k)
		}
	}
	if !alone {
		c.only = nil
	}
	return c
}

func (c *publications) args(l lease) []any {
	return []any{
		c.org, c.id, c.source, c.kind, c.device, c.channel, c.test, c.created, c.body, c.digest, c.trace, c.only,
		c.topicOrg, c.topic, c.pairEvent, c.pairTopic, l.token, l.micros, l.limit, l.each, l.quota,
	}
}
