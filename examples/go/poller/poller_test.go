package poller_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/poller/oxenmock"
	"example.com/poller/poller"
)

func TestMain(m *testing.M) { oxenmock.Main(m) }

const repository = "ox/cats"

func polling(mock *oxenmock.Mock) (*poller.Poller, *oxenmock.Clock) {
	clock := mock.Clock()
	return &poller.Poller{
		BaseURL:  mock.URL,
		Token:    "any-token",
		Interval: time.Second,
		Timeout:  10 * time.Minute,
		Failures: 3,
		Clock:    clock,
	}, clock
}

func completed(mock *oxenmock.Mock) string {
	id := mock.Add("happy-path", nil)
	mock.AdvanceUntil(id, "completed")
	return id
}

func TestAPollerSeesAWholeLifeAndNoShareBeforeTheTotalIsKnown(t *testing.T) {
	t.Parallel()
	mock := oxenmock.New(t)
	id := mock.Add("happy-path", map[string]any{"rows": 40})
	p, _ := polling(mock)
	var seen []string
	p.OnLook = func(e poller.Evaluation) {
		if len(seen) == 0 || seen[len(seen)-1] != e.Status {
			seen = append(seen, e.Status)
		}
		if _, known := e.Share(); known == (e.Status == "queued") {
			t.Errorf("a share while %s: %t", e.Status, known)
		}
	}
	ended, err := p.Poll(context.Background(), repository, id)
	if err != nil {
		t.Fatal(err)
	}
	if share, _ := ended.Share(); share != 1 {
		t.Errorf("ended with a share of %g", share)
	}
	if want := []string{"queued", "running", "committing", "completed"}; !reflect.DeepEqual(seen, want) {
		t.Errorf("saw %v", seen)
	}
	if after := mock.Report().Clients[0].PollsAfterEnd; after != 0 {
		t.Errorf("polled on %d times", after)
	}
}

func TestAPollerStopsWhereAnEvaluationFailsOrIsCancelled(t *testing.T) {
	t.Parallel()
	for status, end := range map[string]func(*oxenmock.Mock, string){
		"errored":   func(mock *oxenmock.Mock, id string) { mock.Fail(id, 7, "No model.") },
		"cancelled": func(mock *oxenmock.Mock, id string) { mock.Cancel(id) },
	} {
		status, end := status, end
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			mock := oxenmock.New(t)
			id := mock.Add("happy-path", nil)
			mock.AdvanceUntil(id, "running")
			end(mock, id)
			p, _ := polling(mock)
			ended, err := p.Poll(context.Background(), repository, id)
			if err != nil || ended.Status != status {
				t.Errorf("ended as %s, %v", ended.Status, err)
			}
		})
	}
}

func TestAPollerWaitsAsLongAsTheHubSays(t *testing.T) {
	t.Parallel()
	mock := oxenmock.New(t)
	id := completed(mock)
	mock.AddFault(oxenmock.Fault{Operation: "get_evaluation", Code: 429, RetryAfter: 7, Count: 2})
	p, clock := polling(mock)
	if _, err := p.Poll(context.Background(), repository, id); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{7 * time.Second, 7 * time.Second}; !reflect.DeepEqual(clock.Slept, want) {
		t.Errorf("slept %v", clock.Slept)
	}
}

func TestAPollerGetsOverBrokenAnswers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]oxenmock.Fault{
		"500":       {Code: 500},
		"truncated": {Body: "truncated"},
		"malformed": {Body: "malformed"},
	} {
		fault := fault
		fault.Operation, fault.Count = "get_evaluation", 3
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := oxenmock.New(t)
			id := completed(mock)
			mock.AddFault(fault)
			p, clock := polling(mock)
			if _, err := p.Poll(context.Background(), repository, id); err != nil {
				t.Fatal(err)
			}
			if len(clock.Slept) != 3 {
				t.Errorf("slept %v", clock.Slept)
			}
		})
	}
}

func TestAPollerGivesUpAHubThatGoesOnFailing(t *testing.T) {
	t.Parallel()
	mock := oxenmock.New(t)
	id := mock.Add("happy-path", nil)
	mock.AddFault(oxenmock.Fault{Operation: "get_evaluation", Status: "running", Code: 503})
	p, _ := polling(mock)
	_, err := p.Poll(context.Background(), repository, id)
	var told *poller.StatusError
	if !errors.As(err, &told) || told.Code != 503 {
		t.Errorf("gave up for %v", err)
	}
}

func TestAPollerGivesUpAnEvaluationThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	mock := oxenmock.New(t)
	id := mock.Add("happy-path", map[string]any{
		"phases": []any{map[string]string{"queued": "1s"}, map[string]string{"running": "1h"}, "completed"},
	})
	p, _ := polling(mock)
	p.Timeout = time.Minute
	if _, err := p.Poll(context.Background(), repository, id); err == nil || !strings.Contains(err.Error(), "in time") {
		t.Errorf("gave up for %v", err)
	}
}

func TestAPollerAsksOnceForAnEvaluationThatIsNotThere(t *testing.T) {
	t.Parallel()
	mock := oxenmock.New(t)
	p, clock := polling(mock)
	_, err := p.Poll(context.Background(), repository, "00000000-0000-4000-8000-000000000000")
	var told *poller.StatusError
	if !errors.As(err, &told) || told.Code != 404 || len(clock.Slept) != 0 {
		t.Errorf("slept %v, gave up for %v", clock.Slept, err)
	}
}
