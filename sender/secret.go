package sender

import "github.com/kirimhooks/kirimhooks/signature"

func (c *Contract) checkSecrets(secrets []signature.Secret) error {
	if len(secrets) > 1 && c.Secrets.Single {
		return invalid("secrets", "%s takes one, not %d", c.Name, len(secrets))
	}
	if len(secrets) > maxSecrets {
		return invalid("secrets", "%d, at most %d can sign at once", len(secrets), maxSecrets)
	}
	for i, s := range secrets {
		if n := len(s.Reveal()); n > maxSecretBytes {
			return invalid(at("secrets", i), "%d bytes, at most %d fit", n, maxSecretBytes)
		}
		err := c.Secrets.Check(s)
		if err == nil && !s.IsZero() {
			err = signature.CheckSecret(s)
		}
		if err != nil {
			return invalid(at("secrets", i), "%w", bare(err))
		}
	}
	return nil
}
