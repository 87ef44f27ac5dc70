package harness

import (
	"crypto/sha256"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// Recorder is the far end: one server that plays the endpoint of every subscription, writes down all that comes, and
// answers by a script.
type Recorder struct {
	server  *httptest.Server
	arrived func(worker string) // called for each request before it is answered

	mu        sync.Mutex
	endpoints map[string]*endpoint // by path
	requests  []Request
	calm      bool
}

type endpoint struct {
	subscription string
	secret       signature.Secret
	doomed       bool // fails until it is calm
}

// NewRecorder starts one on loopback. arrived is told the worker of each request before it is answered.
func NewRecorder(arrived func(worker string)) *Recorder {
	r := &Recorder{arrived: arrived, endpoints: map[string]*endpoint{}}
	r.server = httptest.NewServer(r)
	return r
}

// Close cuts off what is still being answered.
func (r *Recorder) Close() {
	r.server.CloseClientConnections()
	r.server.Close()
}

// Endpoint adds one and returns its URL. Its requests are recorded as those of a subscription once Assign has said
// which.
func (r *Recorder) Endpoint(name string, secret signature.Secret, doomed bool) (url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endpoints["/"+name] = &endpoint{secret: secret, doomed: doomed}
	return r.server.URL + "/" + name
}

// Assign says which subscription an endpoint belongs to.
func (r *Recorder) Assign(name, subscription string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endpoints["/"+name].subscription = subscription
}

// Calm ends the script: from now on every request is answered at once, and well.
func (r *Recorder) Calm() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calm = true
}

// Requests is what came so far.
func (r *Recorder) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

func (r *Recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	now := time.Now()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // it broke off: not a request that anybody could act on
	}
	answer := r.record(req, body, now)
	r.arrived(req.Header.Get(workerHeader))
	switch answer.manner {
	case promptly:
	case slowly:
		time.Sleep(Timeout / 4)
	case never:
		select {
		case <-req.Context().Done():
		case <-time.After(2 * Timeout):
		}
		panic(http.ErrAbortHandler)
	case andReset, onlyReset:
		hangUp(w, answer)
		return
	}
	w.WriteHeader(answer.status)
}

func (r *Recorder) record(req *http.Request, body []byte, at time.Time) answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.endpoints[req.URL.Path]
	if e == nil {
		e = &endpoint{}
	}
	attempt, _ := strconv.Atoi(req.Header.Get("X-Kirim-Attempt"))
	got := Request{
		At:           at,
		Worker:       req.Header.Get(workerHeader),
		Subscription: e.subscription,
		DeliveryID:   req.Header.Get("X-Kirim-Delivery-Id"),
		EventID:      req.Header.Get("X-Kirim-Event-Id"),
		Attempt:      attempt,
	}
	_, err := signature.VerifyKirim(req.Header.Get("X-Kirim-Signature"), body, at, signature.DefaultTolerance, e.secret)
	got.Genuine = err == nil && strings.HasPrefix(got.EventID, "evt_") && sha256.Sum256(body) == digestOf(got.EventID)
	a := answer{status: http.StatusOK}
	if !r.calm {
		a = script(len(r.requests)+1, e.doomed)
	}
	got.Status = a.status
	r.requests = append(r.requests, got)
	return a
}

// answer is how a request is answered.
type answer struct {
	status int // 0: not at all
	manner manner
}

type manner int

const (
	promptly manner = iota
	slowly
	never     // the client has to lose patience
	andReset  // and then breaks the connection
	onlyReset // breaks the connection instead
)

// script is the answer to the n-th request, over all endpoints.
func script(n int, doomed bool) answer {
	switch {
	case n%17 == 0:
		return answer{0, onlyReset}
	case n%41 == 0:
		return answer{http.StatusBadRequest, promptly}
	case n%7 == 0 || doomed:
		return answer{http.StatusInternalServerError, promptly}
	case n%11 == 0:
		return answer{0, never}
	case n%13 == 0:
		return answer{http.StatusOK, andReset}
	case n%5 == 0:
		return answer{http.StatusOK, slowly}
	default:
		return answer{http.StatusNoContent, promptly}
	}
}

// hangUp breaks the connection with a reset, perhaps after an answer.
func hangUp(w http.ResponseWriter, a answer) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	if a.status != 0 {
		io.WriteString(conn, "HTTP/1.1 "+strconv.Itoa(a.status)+" "+http.StatusText(a.status)+"\r\nContent-Length: 0\r\n\r\n")
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}
