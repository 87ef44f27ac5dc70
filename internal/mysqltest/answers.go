package mysqltest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"
)

// Parts of the protocol, see https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html. It is spoken here so
// that this package needs no driver.
const (
	protocol41       = 1 << 9
	secureConnection = 1 << 15
	pluginAuth       = 1 << 19
	utf8mb4          = 45

	packetOK         = 0x00
	packetAuthSwitch = 0xfe
	commandQuit      = 1
)

// answers reports whether a server at address lets user root in without a password.
func answers(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(3 * time.Second))
	if _, _, err := readPacket(conn); err != nil {
		return false
	}
	hello := binary.LittleEndian.AppendUint32(nil, protocol41|secureConnection|pluginAuth)
	hello = binary.LittleEndian.AppendUint32(hello, 1<<24)
	hello = append(hello, utf8mb4)
	hello = append(hello, make([]byte, 23)...)
	hello = append(hello, "root\x00\x00mysql_native_password\x00"...)
	if writePacket(conn, 1, hello) != nil {
		return false
	}
	number, answer, err := readPacket(conn)
	if err == nil && answer[0] == packetAuthSwitch {
		if writePacket(conn, number+1, nil) != nil { // an empty password, whichever way it would be told
			return false
		}
		_, answer, err = readPacket(conn)
	}
	if err != nil || answer[0] != packetOK {
		return false
	}
	writePacket(conn, 0, []byte{commandQuit}) // goodbye, lest the server logs a connection that broke off
	return true
}

var errEmpty = errors.New("mysqltest: an empty packet")

func readPacket(r io.Reader) (number byte, payload []byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	length := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if length == 0 {
		return 0, nil, errEmpty
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(r, payload)
	return head[3], payload, err
}

func writePacket(w io.Writer, number byte, payload []byte) error {
	n := len(payload)
	_, err := w.Write(append([]byte{byte(n), byte(n >> 8), byte(n >> 16), number}, payload...))
	return err
}
