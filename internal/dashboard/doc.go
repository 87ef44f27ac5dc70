// Package dashboard is what the dashboards of sender and receiver have in common: the look, the shell around a page, what
// protects it, and the words of times, bodies and problems in each language. It knows neither of them.
package dashboard
