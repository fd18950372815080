"""
The platform: AWS, Kubernetes and Dask as components, one sensible thing each.

Each can be used alone, in any Pulumi program; `components.catalogue` puts them together for the
flows of a project. Things that may be there already have a handle (`handles`), and nobody asks
whether the stack made what is behind it. The modules `policies`, `rbac` and `cidr` are pure.

No component asks for an account while the program is built. Whether AWS replaces a thing or changes
it in place is said from its documentation; nobody could try it here.
"""
