// Package oxenmock gives each test a sandbox of a running oxen-mock: a world of its own, in which
// time stands still until it is moved. Nothing but the standard library is needed.
package oxenmock

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// Main runs the tests of a package: `func TestMain(m *testing.M) { oxenmock.Main(m) }`.
//
// They use the server that OXEN_MOCK_URL names, as under `oxen-mock run -- go test ./...`; without
// it one is started for this package, for which oxen-mock must be on the PATH.
func Main(m *testing.M) {
	stop, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oxenmock:", err)
		os.Exit(2)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

var banner = regexp.MustCompile(`^  (http://\S+)   \(virtual time`)

func start() (stop func(), err error) {
	if os.Getenv("OXEN_MOCK_URL") != "" {
		return func() {}, nil
	}
	command := exec.Command("oxen-mock", "serve", "--port", "0", "--frozen", "--quiet")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if match := banner.FindStringSubmatch(lines.Text()); match != nil {
			os.Setenv("OXEN_MOCK_URL", match[1])
			go func() {
				for lines.Scan() { // whatever else it prints must not fill the pipe
				}
			}()
			return func() {
				command.Process.Signal(os.Interrupt)
				command.Process.Wait()
			}, nil
		}
	}
	return nil, fmt.Errorf("oxen-mock ended without a word of where it listens: %v", command.Wait())
}

// Mock is one sandbox.
type Mock struct {
	// URL is the base URL that leads into the sandbox, for the code under test.
	URL string
	t   testing.TB
}

// Fault says when something goes wrong, and what; the mock's README has every word.
type Fault struct {
	Operation  string `json:"operation,omitempty"`
	Status     string `json:"status,omitempty"`
	Count      int    `json:"count,omitempty"`
	Code       int    `json:"code,omitempty"`
	RetryAfter int    `json:"retry_after,omitempty"`
	Body       string `json:"body,omitempty"` // "truncated" or "malformed"
}

// Report says what was asked, and what of it broke the contract.
type Report struct {
	Clean      bool
	Requests   int
	Violations []struct{ Of, Place, Expected, Found string }
	Missing    []struct{ Place string }
	Clients    []struct {
		Saw           []string
		PollsAfterEnd int `json:"polls_after_end"`
	}
}

// New makes a sandbox by the test's name, anew where there is one. When the test ends the contract
// must have been kept.
func New(t testing.TB) *Mock {
	t.Helper()
	server := os.Getenv("OXEN_MOCK_URL")
	if server == "" {
		t.Fatal("no OXEN_MOCK_URL: oxen-mock run -- go test ./..., or oxenmock.Main in TestMain")
	}
	var made struct{ URL string }
	options := map[string]any{"seed": "7", "rate": 0}
	call(t, http.MethodPut, server+"/_mock/sandboxes/"+url.PathEscape(t.Name()), options, &made)
	mock := &Mock{URL: made.URL, t: t}
	t.Cleanup(func() {
		if report := mock.Report(); !report.Clean {
			t.Errorf("the contract was broken: %+v; expected, but not seen: %+v", report.Violations, report.Missing)
		}
	})
	return mock
}

// Add creates an evaluation now that lives as a fixture of the mock does, but for what is
// overridden, in the words of fixture files; it returns its id.
func (m *Mock) Add(fixture string, overrides map[string]any) string {
	m.t.Helper()
	var added struct{ ID string }
	body := map[string]any{"fixture": fixture}
	if overrides != nil {
		body["overrides"] = overrides
	}
	call(m.t, http.MethodPost, m.URL+"/_mock/evaluations", body, &added)
	return added.ID
}

// Fail lets an evaluation fail at a row.
func (m *Mock) Fail(id string, row int, message string) {
	m.t.Helper()
	m.post("evaluations/"+url.PathEscape(id)+"/outcome", map[string]any{"at_row": row, "message": message})
}

// Cancel cancels an evaluation now.
func (m *Mock) Cancel(id string) {
	m.t.Helper()
	m.post("evaluations/"+url.PathEscape(id)+"/cancel", map[string]any{})
}

// Advance moves the sandbox's time on.
func (m *Mock) Advance(by time.Duration) {
	m.t.Helper()
	m.post("clock/advance", map[string]any{"seconds": by.Seconds()})
}

// AdvanceUntil moves time on to where an evaluation has a status.
func (m *Mock) AdvanceUntil(id, status string) {
	m.t.Helper()
	m.post("clock/advance", map[string]any{"until": map[string]string{"id": id, "status": status}})
}

// AddFault has something go wrong.
func (m *Mock) AddFault(fault Fault) {
	m.t.Helper()
	m.post("faults", fault)
}

// Expect announces that the code under test will break the contract in a place, as in
// "body /prompt": then that does not count.
func (m *Mock) Expect(place string) {
	m.t.Helper()
	m.post("expectations", map[string]any{"place": place})
}

// Report is that of the sandbox so far.
func (m *Mock) Report() Report {
	m.t.Helper()
	var report Report
	call(m.t, http.MethodGet, m.URL+"/_mock/report", nil, &report)
	return report
}

// Clock is one for the code under test: whoever sleeps by it moves the sandbox on.
func (m *Mock) Clock() *Clock { return &Clock{mock: m, now: time.Unix(0, 0)} }

// Clock knows the time that was slept.
type Clock struct {
	Slept []time.Duration
	mock  *Mock
	now   time.Time
}

// Now is the start and what was slept since.
func (c *Clock) Now() time.Time { return c.now }

// Sleep takes no time.
func (c *Clock) Sleep(_ context.Context, pause time.Duration) error {
	c.mock.Advance(pause)
	c.Slept, c.now = append(c.Slept, pause), c.now.Add(pause)
	return nil
}

func (m *Mock) post(path string, body any) {
	m.t.Helper()
	var told any
	call(m.t, http.MethodPost, m.URL+"/_mock/"+path, body, &told)
}

var client = http.Client{Timeout: 30 * time.Second}

func call(t testing.TB, method, url string, body, told any) {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token := os.Getenv("OXEN_MOCK_CONTROL_TOKEN"); token != "" {
		request.Header.Set("X-Mock-Control-Token", token)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		var problem struct{ Detail string }
		_ = json.NewDecoder(response.Body).Decode(&problem)
		t.Fatalf("%s %s: %d: %s", method, url, response.StatusCode, problem.Detail)
	}
	if err := json.NewDecoder(response.Body).Decode(told); err != nil {
		t.Fatal(err)
	}
}
