package sqlinbox_test

import (
	"testing"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox/inboxtest"
)

func TestConformance(t *testing.T) {
	for name, open := range sources {
		t.Run(name, func(t *testing.T) {
			inboxtest.Run(t, func(t *testing.T) inboxtest.Subject {
				s := open(t)
				return inboxtest.Subject{DB: s.open(t), Flavor: s.flavor}
			})
		})
	}
}
