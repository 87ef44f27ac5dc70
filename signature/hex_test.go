package signature_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

// Every byte in every place of a MAC is right or wrong as encoding/hex has it.
func TestVerifyReadsHexAsTheStandardLibraryDoes(t *testing.T) {
	now, body := time.Unix(1782950400, 0), []byte(`{"id":"evt_1"}`)
	secret := signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	header := string(signature.SignKirim(nil, body, now, secret))
	at := strings.Index(header, "v1=") + len("v1=")
	mac, err := hex.DecodeString(header[at:])
	require.NoError(t, err)
	require.Equal(t, hex.EncodeToString(mac), header[at:])
	for i := at; i < len(header); i++ {
		for c := range 256 {
			forged := []byte(header)
			forged[i] = byte(c)
			decoded, err := hex.DecodeString(string(forged[at:]))
			_, verdict := signature.VerifyKirim(string(forged), body, now, 0, secret)
			if err == nil && string(decoded) == string(mac) {
				require.NoError(t, verdict, "%q", forged)
			} else {
				require.Error(t, verdict, "%q", forged)
			}
		}
	}
}
