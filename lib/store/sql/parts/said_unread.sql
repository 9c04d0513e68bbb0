-- Of what was said (s): interventions of a person that no agent has been given yet.
      and s.kind = 'say' and s.delivered_at is null
