package peers

import "testing"

// Two services of Kubernetes: a headless one, whose pods are also checked by failover, and one
// with a cluster address.
func TestKubernetes(t *testing.T) {
	for _, record := range []string{"web.default.svc.cluster.local", "*.svc.cluster.local"} {
		t.Run(record, func(t *testing.T) {
			const name = "web.default.svc.cluster.local"
			c := newCluster(t)
			c.service("web", "None")
			c.ready("web", "127.0.1.1", "127.0.1.2")
			s := tell(t, record, "cluster.local", "kubernetes cluster.local {\nendpoint "+c.url+"\nttl 1\n}")
			s.fails(t, name)
			c.ready("web", "127.0.1.2")
			s.from(t, name, s.b)
			c.ready("web", "127.0.1.1", "127.0.1.2")
			s.from(t, name, s.a, s.b)
			s.answers(t, name, "AAAA", "NOERROR")
			s.answers(t, name, "TXT", "NOERROR")
			s.answers(t, "_http._tcp."+name, "SRV", "NOERROR SRV 0 50 80 127-0-1-1."+name+". SRV 0 50 80 127-0-1-2."+name+".")
			c.ready("web")
			s.from(t, name, s.c)
			c.service("web", "127.0.1.1")
			c.ready("web", "127.0.9.9")
			s.from(t, name, s.a)
			s.a.sick.Store(true)
			s.from(t, name, s.c)
			c.service("web", "127.0.1.2")
			s.from(t, name, s.b)
			c.put(services, "web", nil)
			s.from(t, name, s.c)
			s.a.sick.Store(false)
			c.service("web", "127.0.1.1")
			s.from(t, name, s.a)
		})
	}
}
