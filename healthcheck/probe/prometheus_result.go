package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// A queryResult is the values that a query gave, and the first of the warnings about
// how it got them, or "".
type queryResult struct {
	samples []float64
	warning string
}

// An apiAnswer is what the HTTP API of Prometheus says.
type apiAnswer struct {
	Status    string   `json:"status"`
	ErrorType string   `json:"errorType"`
	Error     string   `json:"error"`
	Warnings  []string `json:"warnings"`
	Data      struct {
		Type   string          `json:"resultType"`
		Result json.RawMessage `json:"result"`
	} `json:"data"`
}

// A sample is a moment and a value, "1.5" or "NaN".
type sample [2]any

var errNoResult = errors.New("not an answer of Prometheus")

// readResult returns an error if there is no result to judge.
func readResult(ctx context.Context, resp *http.Response) (*queryResult, error) {
	body, err := readBody(ctx, resp, nil)
	if err != nil {
		return nil, err
	}
	var answer apiAnswer
	bad := json.Unmarshal(body, &answer) != nil
	switch {
	case !bad && answer.Status == "error":
		return nil, fmt.Errorf("the query: %s: %s", excerpt(answer.ErrorType), excerpt(answer.Error))
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d, expected 200", resp.StatusCode)
	case len(body) == maxBody:
		return nil, errors.New("more than 64 KiB of result")
	case bad || answer.Status != "success":
		return nil, errNoResult
	}
	result, err := answer.values()
	if err == nil && len(answer.Warnings) > 0 {
		result.warning = excerpt(answer.Warnings[0])
	}
	return result, err
}

// values reads the result by its type. A range, a string or a histogram is no
// value: then it is the query that is wrong.
func (a *apiAnswer) values() (*queryResult, error) {
	var samples []sample
	var err error
	switch a.Data.Type {
	case "scalar":
		samples = make([]sample, 1)
		err = json.Unmarshal(a.Data.Result, &samples[0])
	case "vector":
		samples, err = vectorSamples(a.Data.Result)
	default:
		return nil, fmt.Errorf("the result is a %s, expected a vector or scalar", excerpt(a.Data.Type))
	}
	if err != nil {
		return nil, errNoResult
	}
	return parseSamples(samples)
}

func vectorSamples(text json.RawMessage) ([]sample, error) {
	var series []struct {
		Value sample `json:"value"`
	}
	err := json.Unmarshal(text, &series)
	samples := make([]sample, len(series))
	for i, s := range series {
		samples[i] = s.Value
	}
	return samples, err
}

func parseSamples(samples []sample) (*queryResult, error) {
	r := new(queryResult)
	for _, s := range samples {
		text, _ := s[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, errors.New("the result has something else than numbers")
		}
		r.samples = append(r.samples, value)
	}
	return r, nil
}
