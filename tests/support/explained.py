"""What do several tests here build?"""

OWN = ("company", "currency", "terms", "disputed", "x:Segment")
