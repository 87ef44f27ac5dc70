package signature_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// The oracles know the protocols and nothing of the package under test.

func mac(key, text string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexMAC(key, text string) string { return hex.EncodeToString(mac(key, text)) }

func base64MAC(key, text string) string { return base64.StdEncoding.EncodeToString(mac(key, text)) }

func oracleKirim(header, body string, now int64, secrets []string) bool {
	if len(header) > 4096 {
		return false
	}
	entries := strings.Split(header, ",")
	var times, macs []string
	for _, e := range entries {
		e = strings.Trim(e, " \t")
		if e == "t" || strings.HasPrefix(e, "t=") {
			times = append(times, strings.TrimPrefix(e, "t="))
		}
		if v, ok := strings.CutPrefix(e, "v1="); ok {
			macs = append(macs, strings.ToLower(v))
		}
	}
	if len(entries) > 16 || len(times) != 1 || !fresh(times[0], now) {
		return false
	}
	return anyOf(macs, secrets, func(s string) string { return hexMAC(s, times[0]+"."+body) })
}

func oracleStandard(id, timestamp, header, body string, now int64, secrets []string) bool {
	macs := standardEntries("v1,", id, timestamp, header, now)
	var keys []string
	for _, s := range secrets {
		if key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimPrefix(s, "whsec_"),
			"=")); err == nil {
			keys = append(keys, string(key))
		}
	}
	return anyOf(macs, keys, func(k string) string { return base64MAC(k, id+"."+timestamp+"."+body) })
}

// oracleEd25519 knows the keys of the seeds that keys name. Ed25519 signs a text in one way, so that no other fits.
func oracleEd25519(id, timestamp, header, body string, now int64, keys string) bool {
	for _, signed := range standardEntries("v1a,", id, timestamp, header, now) {
		for _, k := range []byte(keys) {
			if signed == ed(k, id+"."+timestamp+"."+body) {
				return true
			}
		}
	}
	return false
}

// standardEntries are those of a version, none if something else is wrong.
func standardEntries(version, id, timestamp, header string, now int64) (signed []string) {
	if len(header) > 4096 || !regexp.MustCompile(`^[!-\-/-~]{1,255}$`).MatchString(id) || !fresh(timestamp, now) {
		return nil
	}
	n := 0
	for _, e := range strings.Split(header, " ") {
		if e = strings.Trim(e, "\t"); e == "" {
			continue
		}
		n++
		if v, ok := strings.CutPrefix(e, version); ok {
			signed = append(signed, v)
		}
	}
	if n > 16 {
		return nil
	}
	return signed
}

func oracleMeta(header, body string, secrets []string) bool {
	digits, ok := strings.CutPrefix(header, "sha256=")
	return ok && anyOf([]string{strings.ToLower(digits)}, secrets, func(s string) string { return hexMAC(s, body) })
}

func fresh(timestamp string, now int64) bool {
	if !regexp.MustCompile(`^(0|[1-9][0-9]{0,10})$`).MatchString(timestamp) {
		return false
	}
	t, _ := strconv.ParseInt(timestamp, 10, 64)
	return t-now <= 300 && now-t <= 300
}

func anyOf(macs, keys []string, sign func(key string) string) bool {
	for _, k := range keys {
		for _, m := range macs {
			if k != "" && m == sign(k) {
				return true
			}
		}
	}
	return false
}
