// Package poller waits for evaluations; it knows nothing of a mock, only a base URL and a clock.
package poller

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Evaluation is what the hub tells of one, as far as it is needed here.
type Evaluation struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Progress struct {
		Processed int `json:"processed"`
		Total     int `json:"total"`
	} `json:"progress"`
	ErrorMessage *string `json:"error_message"`
}

// Share is the share of rows that are done; it is unknown while the total is 0, as in the queue.
func (e Evaluation) Share() (share float64, known bool) {
	if e.Progress.Total == 0 {
		return 0, false
	}
	return float64(e.Progress.Processed) / float64(e.Progress.Total), true
}

// HasEnded tells whether nothing about it will change any more.
func (e Evaluation) HasEnded() bool {
	return e.Status == "completed" || e.Status == "errored" || e.Status == "cancelled"
}

// Clock is time as the poller knows it; a test puts one of its own here.
type Clock interface {
	Now() time.Time
	Sleep(context.Context, time.Duration) error
}

// StatusError is an answer that says that something failed.
type StatusError struct {
	Code int
	Body string
}

func (e *StatusError) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Body) }

// Poller looks at an evaluation until it has ended.
type Poller struct {
	BaseURL  string
	Token    string
	Interval time.Duration    // between two looks, and after a failure that names no time
	Timeout  time.Duration    // until an evaluation is given up
	Failures int              // looks in a row that may fail
	OnLook   func(Evaluation) // called at each look; may be nil
	Clock    Clock            // nil for the real one
	HTTP     *http.Client     // nil for the default one
}

// Poll says how an evaluation of a repository, as in "ox/cats", has ended.
func (p *Poller) Poll(ctx context.Context, repository, id string) (Evaluation, error) {
	clock := p.Clock
	if clock == nil {
		clock = realClock{}
	}
	givenUp := clock.Now().Add(p.Timeout)
	for failed := 0; ; {
		seen, pause, err := p.look(ctx, p.endpoint(repository, id))
		switch {
		case err == nil:
			failed = 0
			if p.OnLook != nil {
				p.OnLook(seen)
			}
			if seen.HasEnded() {
				return seen, nil
			}
		case pause < 0 || failed >= p.Failures || ctx.Err() != nil:
			return Evaluation{}, err
		default:
			failed++
		}
		if pause == 0 {
			pause = p.Interval
		}
		if clock.Now().Add(pause).After(givenUp) {
			return seen, fmt.Errorf("%s has not ended in time", id)
		}
		if err := clock.Sleep(ctx, pause); err != nil {
			return seen, err
		}
	}
}

// endpoint is a path below the base URL, which may have one itself: resolving a reference to
// "/api/..." against it would drop that.
func (p *Poller) endpoint(repository, id string) string {
	segments := append(append([]string{"api", "repos"}, strings.Split(repository, "/")...), "evaluations", id)
	for at, segment := range segments {
		segments[at] = url.PathEscape(segment)
	}
	return strings.TrimRight(p.BaseURL, "/") + "/" + strings.Join(segments, "/")
}

// never stands in the place of a pause where trying again is of no use.
const never = -1

func (p *Poller) look(ctx context.Context, url string) (Evaluation, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Evaluation{}, never, err
	}
	request.Header.Set("Authorization", "Bearer "+p.Token)
	client := p.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return Evaluation{}, 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body) // here a body that was cut short is noticed
	if err != nil {
		return Evaluation{}, 0, err
	}
	if code := response.StatusCode; code != http.StatusOK {
		pause := time.Duration(never)
		if code == http.StatusRequestTimeout || code == http.StatusTooManyRequests || code >= 500 {
			pause = retryAfter(response.Header)
		}
		return Evaluation{}, pause, &StatusError{code, string(body)}
	}
	var told struct{ Evaluation Evaluation }
	err = json.Unmarshal(body, &told)
	return told.Evaluation, 0, err
}

// retryAfter is what the header says, in seconds or as a date; 0 where it says nothing.
func retryAfter(header http.Header) time.Duration {
	said := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(said, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(said); err == nil && time.Until(date) > 0 {
		return time.Until(date)
	}
	return 0
}

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) Sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
