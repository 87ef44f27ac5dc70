// Package envelope holds what crosses the wire, shared by both ends: the event, its sources and its typed kinds.
//
// The payloads of the dialects stand in the packages below it: kirim (Kirim-native events), meta (Meta's WhatsApp
// Cloud API notifications) and kirisan. All of them import the standard library only.
package envelope
