package signature

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
)

// Keyring is a set of secrets that may be replaced while it is in use, so that a receiver follows a rotation without a
// restart. The zero Keyring and a nil one are empty. A Keyring must not be copied. Safe for concurrent use.
type Keyring struct{ secrets atomic.Pointer[[]Secret] }

// NewKeyring returns a keyring of secrets, newest first by custom. It takes absent secrets too, such as an environment
// variable that is not set. Verifiers pass them over, and with no other they refuse every request with [ErrNoSecret].
func NewKeyring(secrets ...Secret) *Keyring {
	k := new(Keyring)
	k.store(secrets)
	return k
}

// ParseKeyring reads a list such as the value of an environment variable: secrets with a comma between them. White
// space around a secret is dropped, what remains is taken whole. An empty item, and one that fails [CheckSecret], is an
// error that wraps [ErrNoSecret].
//
// "v1,whsec_…", the form in which some senders show a secret, is one secret. Another that itself has a comma needs
// [NewKeyring].
func ParseKeyring(list string) (*Keyring, error) {
	items := splitList(list)
	secrets := make([]Secret, len(items))
	for i, item := range items {
		secrets[i] = NewSecret(strings.TrimSpace(item))
		if secrets[i].IsZero() {
			return nil, fmt.Errorf("%w: item %d of %d in the list is empty", ErrNoSecret, i+1, len(items))
		}
		if err := CheckSecret(secrets[i]); err != nil {
			return nil, fmt.Errorf("%w (item %d of %d in the list)", err, i+1, len(items))
		}
	}
	k := new(Keyring)
	k.store(secrets)
	return k, nil
}

// splitList splits at commas, but for the one within "v1,whsec_…".
func splitList(list string) []string {
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		last := len(items) - 1
		if last >= 0 && strings.HasPrefix(item, secretPrefix) && strings.TrimLeftFunc(items[last], unicode.IsSpace) == "v1" {
			items[last] += "," + item
			continue
		}
		items = append(items, item)
	}
	return items
}

// Replace swaps the secrets for others, at once and for every user of the keyring. To rotate without refusing a genuine
// request: old, then both, then (when the sender has stopped signing with the old one) new alone. An empty set, or a
// secret in it that fails [CheckSecret], is an error that wraps [ErrNoSecret], and the keyring stays as it was.
func (k *Keyring) Replace(secrets ...Secret) error {
	if len(secrets) == 0 {
		return fmt.Errorf("%w: replacing by an empty set; the old secrets stay", ErrNoSecret)
	}
	if i := slices.IndexFunc(secrets, Secret.IsZero); i >= 0 {
		return fmt.Errorf("%w: secret %d of %d is empty; the old secrets stay", ErrNoSecret, i+1, len(secrets))
	}
	for i, s := range secrets {
		if err := CheckSecret(s); err != nil {
			return fmt.Errorf("%w (secret %d of %d); the old secrets stay", err, i+1, len(secrets))
		}
	}
	k.store(secrets)
	return nil
}

// Secrets returns the current secrets. The slice is shared and must not be modified; it does not change when the
// keyring does.
func (k *Keyring) Secrets() []Secret {
	if k == nil {
		return nil
	}
	if p := k.secrets.Load(); p != nil {
		return *p
	}
	return nil
}

func (k *Keyring) store(secrets []Secret) {
	own := slices.Clip(slices.Clone(secrets))
	k.secrets.Store(&own)
}
