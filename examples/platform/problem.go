package main

import (
	"encoding/json"
	"net/http"
)

// problem is an error as callers see it, in the shape of https://developers.kirim.chat/concepts/errors/.
type problem struct {
	status  int
	kind    string
	code    string
	message string
	param   string // "" where no parameter is at fault
}

func (p *problem) Error() string { return p.message }

// MarshalJSON writes the error object; a param that is not there is null.
func (p *problem) MarshalJSON() ([]byte, error) {
	var param *string
	if p.param != "" {
		param = &p.param
	}
	return json.Marshal(struct {
		Type    string  `json:"type"`
		Code    string  `json:"code"`
		Message string  `json:"message"`
		Param   *string `json:"param"`
	}{p.kind, p.code, p.message, param})
}

const badRequest = "invalid_request_error"

var (
	errNoRoute = &problem{http.StatusNotFound, "not_found", "unknown_route", "there is no such route", ""}
	errMethod  = &problem{http.StatusMethodNotAllowed, badRequest, "method_not_allowed",
		"this route has no such method; see the header Allow", ""}
	errCrossOrigin = &problem{http.StatusForbidden, "permission_error", "cross_origin",
		"a browser sent this from another site", ""}
	errNotFound = &problem{http.StatusNotFound, "not_found", "not_found", "there is no such object in this org", ""}
	errTooLarge = &problem{http.StatusRequestEntityTooLarge, badRequest, "too_large",
		"body: an event of up to 4 MiB fits", "body"}
	errInternal = &problem{http.StatusInternalServerError, "api_error", "internal_error",
		"the fault is ours; try again", ""}
)

func invalid(param, text string) error {
	return &problem{http.StatusBadRequest, badRequest, "invalid_request", param + ": " + text, param}
}

func conflicting(code, text string) *problem {
	return &problem{http.StatusConflict, "conflict", code, text, ""}
}

func missing(param string) error {
	return &problem{http.StatusBadRequest, badRequest, "missing_parameter", param + ": is required", param}
}

func unknown(param string) error {
	param = param[:min(len(param), 128)] // it is the caller's text
	return &problem{http.StatusBadRequest, badRequest, "unknown_parameter", param + ": is unknown here, or stands twice",
		param}
}

func invalidJSON(text string) error {
	return &problem{http.StatusBadRequest, badRequest, "invalid_json", "body: " + text, "body"}
}

// fail answers with an error. What is our own fault is logged, and not shown: its text may tell of the database.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p == nil {
		p = errInternal
		if r.Context().Err() == nil {
			a.logger.ErrorContext(r.Context(), "call failed", "method", r.Method, "route", r.Pattern, "error", err)
		}
	}
	write(w, answer{p.status, struct {
		Error *problem `json:"error"`
	}{p}})
}
