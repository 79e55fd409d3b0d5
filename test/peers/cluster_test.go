package peers

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A cluster is a Kubernetes API server with the part that the kubernetes plugin uses: it
// lists objects of a few kinds and streams their changes.
type cluster struct {
	url string

	mu      sync.Mutex // guards the following
	version int
	objects map[string]map[string]object // by path and name
	events  map[string][]event           // by path
	changed chan struct{}                // closed at the next event
}

type object map[string]any

type event struct {
	Type    string `json:"type"`
	Object  object `json:"object"`
	version int
}

// Paths, and the kinds of objects there.
const (
	namespaces     = "/api/v1/namespaces"
	services       = "/api/v1/services"
	endpointSlices = "/apis/discovery.k8s.io/v1/endpointslices"
)

var kinds = map[string][2]string{
	namespaces: {"v1", "Namespace"}, services: {"v1", "Service"}, endpointSlices: {"discovery.k8s.io/v1", "EndpointSlice"},
}

// newCluster starts a cluster with the namespace default.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{
		url: "http://" + l.Addr().String(), version: 1, changed: make(chan struct{}),
		objects: make(map[string]map[string]object), events: make(map[string][]event),
	}
	web := &http.Server{Handler: c}
	go web.Serve(l)
	t.Cleanup(func() { web.Close() })
	c.put(namespaces, "default", object{"metadata": object{"name": "default"}})
	return c
}

// service adds a service with a cluster address, or "None".
func (c *cluster) service(name, address string) {
	c.put(services, name, object{
		"metadata": object{"name": name, "namespace": "default"},
		"spec": object{
			"type": "ClusterIP", "clusterIP": address, "clusterIPs": []string{address},
			"ports": []object{{"name": "http", "port": 80, "protocol": "TCP"}},
		},
	})
}

// ready replaces the ready addresses of a service.
func (c *cluster) ready(name string, addresses ...string) {
	var endpoints []object
	for _, a := range addresses {
		endpoints = append(endpoints, object{"addresses": []string{a}, "conditions": object{"ready": true}})
	}
	c.put(endpointSlices, name+"-1", object{
		"metadata":    object{"name": name + "-1", "namespace": "default", "labels": object{"kubernetes.io/service-name": name}},
		"addressType": "IPv4", "endpoints": endpoints,
		"ports": []object{{"name": "http", "port": 80, "protocol": "TCP"}},
	})
}

// put adds or replaces an object, or removes it if o is nil.
func (c *cluster) put(path, name string, o object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	kind, was := "ADDED", c.objects[path][name]
	switch {
	case o == nil:
		kind, o = "DELETED", was
		delete(c.objects[path], name)
	case was != nil:
		kind = "MODIFIED"
		fallthrough
	default:
		o["apiVersion"], o["kind"] = kinds[path][0], kinds[path][1]
		o["metadata"].(object)["resourceVersion"] = strconv.Itoa(c.version)
		if c.objects[path] == nil {
			c.objects[path] = make(map[string]object)
		}
		c.objects[path][name] = o
	}
	c.events[path] = append(c.events[path], event{kind, o, c.version})
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, query := strings.TrimSuffix(r.URL.Path, "/"), r.URL.Query()
	kind, ok := kinds[path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if query.Get("watch") == "" {
		json.NewEncoder(w).Encode(c.list(path, kind))
		return
	}
	seen, _ := strconv.Atoi(query.Get("resourceVersion"))
	if query.Get("sendInitialEvents") == "true" {
		seen = c.begin(w, path, kind)
	}
	c.watch(w, r, path, seen)
}

func (c *cluster) list(path string, kind [2]string) object {
	c.mu.Lock()
	defer c.mu.Unlock()
	items := []object{}
	for _, o := range c.objects[path] {
		items = append(items, o)
	}
	return object{
		"apiVersion": kind[0], "kind": kind[1] + "List", "items": items,
		"metadata": object{"resourceVersion": strconv.Itoa(c.version)},
	}
}

// begin streams the present objects, and returns their version.
func (c *cluster) begin(w http.ResponseWriter, path string, kind [2]string) int {
	list := c.list(path, kind)
	version := list["metadata"].(object)["resourceVersion"].(string)
	enc := json.NewEncoder(w)
	for _, o := range list["items"].([]object) {
		enc.Encode(event{Type: "ADDED", Object: o})
	}
	enc.Encode(event{Type: "BOOKMARK", Object: object{
		"apiVersion": kind[0], "kind": kind[1],
		"metadata": object{"resourceVersion": version, "annotations": object{"k8s.io/initial-events-end": "true"}},
	}})
	n, _ := strconv.Atoi(version)
	return n
}

// watch streams the changes after a version.
func (c *cluster) watch(w http.ResponseWriter, r *http.Request, path string, seen int) {
	enc := json.NewEncoder(w)
	for {
		c.mu.Lock()
		changed := c.changed
		var news []event
		for _, e := range c.events[path] {
			if e.version > seen {
				news, seen = append(news, e), e.version
			}
		}
		for _, e := range news {
			enc.Encode(e)
		}
		c.mu.Unlock()
		http.NewResponseController(w).Flush()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}
