"""What runs outside the web process, how far is it, and what came of it?"""
