"""
meta-prefect: experts write Prefect deployers once; everyone else types `meta-prefect up my_flow`.

Rooms, from the top: `cli`, `project`, then `implementations`, `components` and `engine` side by
side, `provider`, `interfaces`. The import directions are held by import-linter in the tests.
"""
