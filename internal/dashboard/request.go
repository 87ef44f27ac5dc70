package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Why a page is not shown, or a change not made.
var (
	ErrNoPage      = errors.New("console: no such page")
	ErrMethod      = errors.New("console: method not allowed")
	ErrNoAccess    = errors.New("console: no access")
	ErrReadOnly    = errors.New("console: read-only")
	ErrCrossOrigin = errors.New("console: the request comes from another site")
	ErrForm        = errors.New("console: the form could not be read")
)

const maxForm = 1 << 20 // bytes

// MayChange lets a change through, and reads its form.
func MayChange(w http.ResponseWriter, r *http.Request, origin *http.CrossOriginProtection, allowed bool) error {
	if err := origin.Check(r); err != nil {
		return fmt.Errorf("%w: %w", ErrCrossOrigin, err)
	}
	if !allowed {
		return ErrReadOnly
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}

// Problem is what the page for err says: texts "problem.", the key, and what follows on it. It is "fault" for what only
// the log should know.
func Problem(err error) (status int, key string) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, ErrNoPage):
		return http.StatusNotFound, "missing"
	case errors.Is(err, ErrMethod):
		return http.StatusMethodNotAllowed, "method"
	case errors.Is(err, ErrNoAccess):
		return http.StatusForbidden, "access"
	case errors.Is(err, ErrReadOnly):
		return http.StatusForbidden, "readonly"
	case errors.Is(err, ErrCrossOrigin):
		return http.StatusForbidden, "origin"
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, "form"
	case errors.Is(err, ErrForm):
		return http.StatusBadRequest, "form"
	}
	return http.StatusInternalServerError, "fault"
}

// ProblemData is what the template "problem" shows of a key.
func ProblemData(key, detail string) any {
	return struct{ Key, Detail string }{"problem." + key + ".text", detail}
}

// Match compares a pattern with the parts of a path. {id} in it stands for one part.
func Match(pattern string, parts []string) (id string, ok bool) {
	var wanted []string
	if pattern != "" {
		wanted = strings.Split(pattern, "/")
	}
	if len(wanted) != len(parts) {
		return "", false
	}
	for i, want := range wanted {
		if want == "{id}" && parts[i] != "" {
			id = parts[i]
		} else if want != parts[i] {
			return "", false
		}
	}
	return id, true
}

// Secure sets what protects every answer: nothing inline, nothing from elsewhere, in nobody's frame, in no cache.
func Secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would take the Origin from the forms of older browsers
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
