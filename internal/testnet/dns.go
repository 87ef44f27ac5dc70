package testnet

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

const (
	typeA    = 1
	typeAAAA = 28
	classIN  = 1

	headerLen  = 12
	flagAnswer = 0x8580 // a response, authoritative, recursion desired and available
	nameError  = 3
)

// Resolver starts a name server on loopback and returns a resolver that asks nobody else. answer is called once for
// each A and AAAA query, with the name in lower case and without its final dot. It returns all addresses of the name;
// those of the other family are left out of the response. A nil result is a name that does not exist. answer runs on
// one goroutine.
func Resolver(t testing.TB, answer func(name string) []netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatalf("testnet: %v", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		serveDNS(conn, answer)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	dial := Loopback(t)
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx, "udp4", conn.LocalAddr().String())
		},
	}
}

func serveDNS(conn *net.UDPConn, answer func(string) []netip.Addr) {
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		q, err := parseQuestion(buf[:n])
		if err != nil {
			continue
		}
		conn.WriteToUDPAddrPort(q.respond(answer(q.name)), from)
	}
}

// question is the one question of a query, with its bytes for the response to repeat.
type question struct {
	id    uint16
	name  string
	qtype uint16
	raw   []byte
}

func parseQuestion(msg []byte) (question, error) {
	if len(msg) < headerLen || binary.BigEndian.Uint16(msg[4:]) != 1 {
		return question{}, errors.New("testnet: a query holds one question")
	}
	var labels []string
	at := headerLen
	for at < len(msg) && msg[at] != 0 {
		end := at + 1 + int(msg[at])
		if msg[at] > 63 || end > len(msg) {
			return question{}, errors.New("testnet: bad name")
		}
		labels = append(labels, string(msg[at+1:end]))
		at = end
	}
	end := at + 5 // the root label, type and class
	if end > len(msg) {
		return question{}, errors.New("testnet: short question")
	}
	return question{
		id:    binary.BigEndian.Uint16(msg),
		name:  strings.ToLower(strings.Join(labels, ".")),
		qtype: binary.BigEndian.Uint16(msg[at+1:]),
		raw:   msg[headerLen:end],
	}, nil
}

func (q question) respond(addrs []netip.Addr) []byte {
	var matching []netip.Addr
	for _, addr := range addrs {
		if q.qtype == typeA && addr.Is4() || q.qtype == typeAAAA && addr.Is6() {
			matching = append(matching, addr)
		}
	}
	flags := uint16(flagAnswer)
	if addrs == nil {
		flags |= nameError
	}
	msg := make([]byte, 0, 512)
	for _, field := range []uint16{q.id, flags, 1, uint16(len(matching)), 0, 0} {
		msg = binary.BigEndian.AppendUint16(msg, field)
	}
	msg = append(msg, q.raw...)
	for _, addr := range matching {
		msg = binary.BigEndian.AppendUint16(msg, 0xc000|headerLen) // the name: a pointer to the question's
		msg = binary.BigEndian.AppendUint16(msg, q.qtype)
		msg = binary.BigEndian.AppendUint16(msg, classIN)
		msg = binary.BigEndian.AppendUint32(msg, 0) // never cached
		msg = binary.BigEndian.AppendUint16(msg, uint16(addr.BitLen()/8))
		msg = append(msg, addr.AsSlice()...)
	}
	return msg
}
